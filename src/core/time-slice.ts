/**
 * Lets a long row of short synchronous steps go on beside everything else on the event loop: looking at files, say, which
 * takes a few microseconds of a thread synchronously and asynchronously some fifty times as much of it.
 */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds of steps in a row. */
const SLICE_MS = 1;

export class TimeSlice {
  private begun = performance.now();

  /** Between two steps: `if (slice.isOver) await slice.next();` */
  get isOver(): boolean {
    return performance.now() - this.begun > SLICE_MS;
  }

  async next(): Promise<void> {
    await setImmediate();
    this.begun = performance.now();
  }
}
