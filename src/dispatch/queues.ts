/**
 * Both tracks as one front uses them: calls go into the queue of their track, workers are woken there, and change tracks
 * as long calls come and go.
 */
import type { SeatIndex, SlotIndex } from '../core/brand.ts';
import type { Arena } from '../shm/arena.ts';
import type { TrackName } from '../shm/track.ts';
import type { LaneToWorker } from '../wire/to-worker.ts';
import { Backlog } from './backlog.ts';
import { Partition } from './partition.ts';
import { WakeUps } from './wake-ups.ts';

export interface QueuesOptions {
  readonly arena: Arena;
  /** Calls one worker runs at the same time. */
  readonly concurrency: number;
  /** Sends to the lane port of the worker in that seat. */
  readonly post: (seat: SeatIndex, message: LaneToWorker) => void;
  /** So many workers serve the heavy track from now on. */
  readonly onPartition: (heavy: number) => void;
}

export class Queues {
  private readonly backlog: Backlog;
  private readonly common: WakeUps;
  private readonly heavy: WakeUps;
  private readonly partition: Partition;

  constructor({ arena, concurrency, post, onPartition }: QueuesOptions) {
    this.backlog = new Backlog(arena);
    this.common = new WakeUps(arena.common, post);
    this.heavy = new WakeUps(arena.heavy, post);
    this.partition = new Partition({
      arena,
      concurrency,
      alert: (seat, track) => this[track].alert(seat),
      onSize: onPartition,
    });
  }

  /** `inFlight`: calls there are now. Onto the heavy track only while it is open. */
  push(slot: SlotIndex, track: TrackName, inFlight: number): 'pushed' | 'full' {
    if (this.backlog.push(slot, track) === 'full') return 'full';
    this[track].queued(inFlight);
    return 'pushed';
  }

  /** A worker serves the heavy track now, whose calls keep `threads` threads busy; false: none can be spared. */
  openHeavy(threads: number): boolean {
    return this.partition.ask(threads);
  }

  /** Takes a call back before a worker starts it. */
  withdraw(slot: SlotIndex): 'withdrawn' | 'started' {
    return this.backlog.withdraw(slot);
  }

  /** Calls that wait in the queues; right where it matters whether they are fewer than `limit`, never too many. */
  waiting(limit: number): number {
    return this.backlog.waiting(limit);
  }

  /** This worker has something to see to that is not in a queue. */
  alert(seat: SeatIndex): void {
    this[this.partition.isHeavy(seat) ? 'heavy' : 'common'].alert(seat);
  }

  /** Calls wait, and nobody is sure to look. */
  wakeIfUnattended(): void {
    this.common.wakeIfUnattended();
    if (this.backlog.isHeavyInUse) this.heavy.wakeIfUnattended();
  }

  /** Calls still wait after a while. */
  rescue(): void {
    this.common.rescue();
    if (this.backlog.isHeavyInUse) this.heavy.rescue();
  }

  /** The workers that serve from now on. */
  setServing(seats: readonly SeatIndex[]): void {
    this.partition.setServing(seats);
  }

  /** Now and then; `threads` as above. */
  review(threads: number): void {
    this.partition.review(threads);
  }

  /** Nobody serves the heavy track. */
  get isHeavyClosed(): boolean {
    return this.partition.isClosed;
  }
}
