/**
 * Sleeping for fractions of a millisecond, which timers cannot: they are a millisecond apart, more than most of
 * the latencies to be measured. Spinning is more exact still, but keeps a core busy, and on a machine with few
 * cores the server under test then waits for it.
 */
import { writeFileSync } from 'node:fs';

/** Longest nap: an answer that comes meanwhile is seen this much too late. */
const longestMs = 0.05;
/** A shorter one is not worth the two switches. */
const shortestMs = 0.02;

const neverNotified = new Int32Array(new SharedArrayBuffer(4));

/**
 * Makes the main thread's naps end on time. Linux lets a sleeper oversleep by 50 µs unless told otherwise
 * (prctl(2), PR_SET_TIMERSLACK); where it cannot be told, naps are that much longer.
 */
export function napPrecisely(): void {
  try {
    writeFileSync('/proc/self/timerslack_ns', '1');
  } catch {
    // No such file: another system, or a kernel without it.
  }
}

/** Blocks the thread for at most `ms`, and never for long: the event loop has to turn for answers. */
export function nap(ms: number): void {
  if (ms > shortestMs) Atomics.wait(neverNotified, 0, 0, Math.min(ms, longestMs));
}
