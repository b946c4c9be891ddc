/** The Server-Timing header (https://www.w3.org/TR/server-timing/): where a call's time went, in milliseconds. */
import type { Micros } from '../core/brand.ts';
import { elapsed } from '../core/clock.ts';
import type { CallTimes } from '../dispatch/call-records.ts';

const ms = (micros: number): string => (micros / 1000).toFixed(3);

/** `begunAt`: when the first byte of the request came. What sending costs is not known when the head is sent. */
export function serverTiming(times: CallTimes, begunAt: Micros): string {
  const { submittedAt, queue, parse, validate, run, encode } = times;
  const phases = { read: elapsed(begunAt, submittedAt), queue, parse, validate, run, encode };
  return Object.entries(phases)
    .map(([phase, micros]) => `${phase};dur=${ms(micros)}`)
    .join(', ');
}
