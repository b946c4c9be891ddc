/**
 * One clock for all threads: time since an epoch the threads agree on, as int32 so that it fits a
 * shared-memory word. `performance.now()` alone will not do, since each thread counts from its own origin.
 */
import type { Micros, Millis } from './brand.ts';

export class Clock {
  /** What to add to this thread's `performance.now()` to get milliseconds since the epoch. */
  private readonly offset: number;

  /** `epoch`: absolute milliseconds, `performance.timeOrigin + performance.now()` of whoever made the arena. */
  constructor(epoch: number) {
    this.offset = performance.timeOrigin - epoch;
  }

  /** Wraps after 71 minutes: subtract with `elapsed`, never compare. */
  micros(): Micros {
    return (((performance.now() + this.offset) * 1000) | 0) as Micros;
  }

  /** Does not wrap before 24 days are over, and comparisons by difference survive the wrap. */
  millis(): Millis {
    return ((performance.now() + this.offset) | 0) as Millis;
  }
}

/** Microseconds from `start` to `end`, right across the wrap as long as they are less than 35 minutes apart. */
export function elapsed(start: Micros, end: Micros): number {
  return (end - start) | 0;
}

/** An absolute epoch for `Clock`, now. */
export function newEpoch(): number {
  return performance.timeOrigin + performance.now();
}
