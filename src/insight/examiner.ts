/**
 * Looks into running threads for operators: one look at a time, because each of them slows the thread it is taken of.
 */
import type { SeatIndex } from '../core/brand.ts';
import { Unanswered } from '../pool/patience.ts';
import type { WorkerPool } from '../pool/worker-pool.ts';
import { profileThisThread, profileWorker } from './cpu-profile.ts';
import { type HeapSnapshot, takeHeapSnapshot } from './heap-snapshot.ts';

export type Examined<Value> =
  | { readonly outcome: 'done'; readonly value: Value }
  /** Nobody sits there. */
  | { readonly outcome: 'no worker'; readonly seats: readonly number[] }
  /** Another look is being taken, and of what. */
  | { readonly outcome: 'busy'; readonly at: string }
  | { readonly outcome: 'failed'; readonly reason: string };

/** The workers' seats, and beside them the main thread. */
export type Examinee = SeatIndex | 'main';

export class Examiner {
  private readonly pool: Pick<WorkerPool, 'threadAt' | 'view'>;
  /** What is being done. */
  private current: string | undefined;

  constructor(pool: Pick<WorkerPool, 'threadAt' | 'view'>) {
    this.pool = pool;
  }

  /** A CPU profile as JSON. Rejects with the signal's reason when it is given up. */
  profile(of: Examinee, ms: number, signal: AbortSignal): Promise<Examined<string>> {
    if (of === 'main') return this.alone('a profile of the main thread', () => profileThisThread(ms, signal));
    const worker = this.pool.threadAt(of);
    if (worker === undefined) return this.nobody();
    return this.alone(`a profile of worker ${of}`, () => profileWorker(worker, ms, signal));
  }

  /** To be disposed of. Cannot be given up: the thread writes it to its end, and only then is there room for another. */
  heap(of: SeatIndex): Promise<Examined<HeapSnapshot>> {
    const worker = this.pool.threadAt(of);
    if (worker === undefined) return this.nobody();
    return this.alone(`a heap snapshot of worker ${of}`, () => takeHeapSnapshot(worker));
  }

  private async nobody<Value>(): Promise<Examined<Value>> {
    return { outcome: 'no worker', seats: this.pool.view().map(({ seat }) => seat) };
  }

  private async alone<Value>(what: string, look: () => Promise<Value>): Promise<Examined<Value>> {
    if (this.current !== undefined) return { outcome: 'busy', at: this.current };
    this.current = what;
    try {
      return { outcome: 'done', value: await look() };
    } catch (error) {
      if (error instanceof Unanswered) return { outcome: 'failed', reason: error.message };
      throw error;
    } finally {
      this.current = undefined;
    }
  }
}
