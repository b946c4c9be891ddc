/**
 * Workers that serve are exchanged for others without loss: all of them for new code, or one that holds too much
 * memory. Both need one thread more than wanted for a while, so never at the same time.
 */
import type { Log } from '../core/log.ts';
import type { Deployment } from './deployment.ts';
import type { RecycleReason } from './memory-limits.ts';
import { type Rollable, type RollOutcome, roll } from './roll.ts';
import type { Occupant, SeatTable } from './seat-table.ts';

export interface ExchangeHost {
  readonly size: number;
  readonly seats: SeatTable;
  readonly log: Log;
  /** How long a retired worker may take to finish what it has started, in ms. */
  readonly drainMs: () => number;
  readonly adopt: (deployment: Deployment) => void;
  /** Starts one; resolves when it serves, rejects with the reason why it does not. */
  readonly launch: (deployment: Deployment) => Promise<Occupant>;
  readonly drain: (entry: Occupant) => void;
  readonly terminate: (entry: Occupant, reason: string) => void;
}

export class Exchanges {
  readonly recycles: Record<RecycleReason, number> = { heap: 0, memory: 0, process: 0 };
  private readonly host: ExchangeHost;
  private isRolling = false;
  private recycling: Promise<void> | undefined;

  constructor(host: ExchangeHost) {
    this.host = host;
  }

  /** One roll at a time. */
  async roll(from: Deployment, to: Deployment, doubts: () => string | undefined): Promise<RollOutcome> {
    const { size, seats, launch, adopt } = this.host;
    const rollable: Rollable<Occupant> = {
      size,
      living: () => seats.living(),
      deploymentOf: ({ deployment }) => deployment,
      launch,
      retire: (entry) => this.retire(entry),
      adopt,
    };
    this.isRolling = true;
    try {
      await this.recycling;
      return await roll(rollable, from, to, doubts);
    } finally {
      this.isRolling = false;
    }
  }

  /** Exchanges one worker for a fresh one with the same code. One at a time; never rejects. */
  async recycle(entry: Occupant, reason: RecycleReason): Promise<void> {
    const { deployment } = entry;
    if (this.isRolling || deployment === undefined) return;
    this.recycles[reason]++;
    this.recycling = this.exchange(entry, deployment);
    await this.recycling;
    this.recycling = undefined;
  }

  private async exchange(entry: Occupant, deployment: Deployment): Promise<void> {
    const { launch, log, seats } = this.host;
    const before = seats.living().length;
    let fresh: Occupant;
    try {
      fresh = await launch(deployment);
    } catch (error) {
      log.error('a worker could not be exchanged for a fresh one', { error });
      return;
    }
    // If one was lost meanwhile, the fresh one has taken its place, or a thread that stood by has.
    if (seats.living().length > before) await this.retire(entry.state === 'serving' ? entry : fresh);
  }

  private async retire(entry: Occupant): Promise<void> {
    const { drain, terminate, drainMs } = this.host;
    if (entry.state === 'starting') terminate(entry, 'its code is given up');
    if (entry.state !== 'serving') return;
    drain(entry);
    const limit = setTimeout(() => terminate(entry, 'not drained in time'), drainMs());
    await Promise.race([entry.thread.ended, entry.thread.terminating]);
    clearTimeout(limit);
  }
}
