/**
 * How often the machine holds up a thread that does nothing but look at the clock: other programs, interrupts,
 * a hypervisor that gives the core to someone else. No latency below these stalls can be measured here.
 */

/** Shorter interruptions are ordinary. */
const stallMs = 0.5;

export interface Stalls {
  readonly watchedMs: number;
  readonly count: number;
  readonly totalMs: number;
  readonly worstMs: number;
}

/** Blocks for `watchMs`. */
export function watchStalls(watchMs: number): Stalls {
  const start = performance.now();
  let [last, count, totalMs, worstMs] = [start, 0, 0, 0];
  while (last - start < watchMs) {
    const now = performance.now();
    const gap = now - last;
    if (gap > stallMs) {
      count += 1;
      totalMs += gap;
      worstMs = Math.max(worstMs, gap);
    }
    last = now;
  }
  return { watchedMs: last - start, count, totalMs, worstMs };
}
