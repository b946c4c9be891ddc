/**
 * One clock for all threads: time since an epoch the threads agree on, as int32 so that it fits a
 * shared-memory word. `performance.now()` alone will not do, since each thread counts from its own origin.
 */
// Imported: the global is a getter, which every reading of the clock would ask anew. That costs a call six per cent.
import { performance } from 'node:perf_hooks';
import type { Micros, Millis } from './brand.ts';

/** For so long, in ms, a machine may stop in the middle of anything; what takes longer takes it by itself. */
export const MACHINE_STOP = 250;

export class Clock {
  /** What to add to this thread's `performance.now()` to get milliseconds since the epoch. */
  private readonly offset: number;

  /** `epoch`: absolute milliseconds, `newEpoch()` of whoever made the arena. */
  constructor(epoch: number) {
    this.offset = performance.timeOrigin - epoch;
  }

  /** Milliseconds since the epoch, with fraction. One reading serves `micros` and `millis` both. */
  now(): number {
    return performance.now() + this.offset;
  }

  /** What `now` would have said when this thread's `performance.now()` said `time`. */
  at(time: number): number {
    return time + this.offset;
  }
}

/** A reading as a word in microseconds. Wraps after 71 minutes: subtract with `elapsed`, never compare. */
export function micros(now: number): Micros {
  return ((now * 1000) | 0) as Micros;
}

/** A reading as a word in milliseconds. Subtract with `elapsed` too; wraps after 49 days. */
export function millis(now: number): Millis {
  return (now | 0) as Millis;
}

/** From `start` to `end` in their unit, right across the wrap while they are less than half of it apart. */
export function elapsed<Unit extends Micros | Millis>(start: Unit, end: Unit): number {
  return (end - start) | 0;
}

/** An absolute epoch for `Clock`, now. */
export function newEpoch(): number {
  return performance.timeOrigin + performance.now();
}
