/**
 * When each request of an open-loop run is to be sent. Drawn up before the run and from a fixed seed, so that
 * the server's answers cannot slow the arrivals down and every variant is sent the very same plan.
 */
import { seededRandom } from './random.ts';

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
  const random = seededRandom(seed);
  const gap = kind === 'constant' ? () => meanGapMs : () => -Math.log(1 - random()) * meanGapMs;
  const times: number[] = [];
  for (let time = gap(); time < durationMs; time += gap()) times.push(time);
  return Float64Array.from(times);
}
