/**
 * When each request of an open-loop run is to be sent. Drawn up before the run and from a fixed seed, so that
 * the server's answers cannot slow the arrivals down and every variant is sent the very same plan.
 */

/** `constant`: evenly spaced. `poisson`: independent callers, exponential gaps. */
export type ArrivalKind = 'constant' | 'poisson';

/** Intended send times in milliseconds from the start, ascending, all below `durationMs`. */
export function planArrivals(
  kind: ArrivalKind,
  ratePerSecond: number,
  durationMs: number,
  seed: number,
): Float64Array {
  const meanGapMs = 1000 / ratePerSecond;
  const random = mulberry32(seed);
  const gap = kind === 'constant' ? () => meanGapMs : () => -Math.log(1 - random()) * meanGapMs;
  const times: number[] = [];
  for (let time = gap(); time < durationMs; time += gap()) times.push(time);
  return Float64Array.from(times);
}

/** A small seeded generator of numbers in [0, 1); the algorithm is known as mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
