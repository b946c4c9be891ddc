/**
 * Threads that were told to end and do not, because native code keeps them: no one can end them from outside. Each
 * goes on taking a processor, so beyond a limit a zombie takes the place of a worker instead of getting a replacement.
 */
import type { Log } from '../core/log.ts';
import type { SeatTable } from './seat-table.ts';

/** From so many ms after it was told to end a thread counts. */
const ZOMBIE_AFTER = 1_000;

export class Zombies {
  readonly limit: number;
  private readonly seats: SeatTable;
  private readonly log: Log;
  private isOver = false;

  constructor(seats: SeatTable, limit: number, log: Log) {
    this.seats = seats;
    this.limit = limit;
    this.log = log;
  }

  get count(): number {
    const before = performance.now() - ZOMBIE_AFTER;
    return this.seats.in('terminating').filter(({ terminatedAt }) => (terminatedAt ?? Infinity) <= before)
      .length;
  }

  /** Workers that are not to be started because of them. Counts also those that may still end in time. */
  get unreplaced(): number {
    return Math.max(0, this.seats.in('terminating').length - this.limit);
  }

  /** A thread was told to end: it is looked after when it counts. */
  ending(): void {
    setTimeout(() => this.look(), ZOMBIE_AFTER + 1).unref();
  }

  /** Says once that the limit is passed, and once that it is not any more. */
  look(): void {
    const { count, limit } = this;
    const isOver = count > limit;
    if (isOver === this.isOver) return;
    this.isOver = isOver;
    if (isOver) {
      this.log.error('too many threads are stuck in native code: no more of them are replaced', {
        zombies: count,
        zombieLimit: limit,
      });
    } else {
      this.log.info('threads stuck in native code have ended: workers are replaced again', {
        zombies: count,
        zombieLimit: limit,
      });
    }
  }
}
