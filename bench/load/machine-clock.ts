/** A clock that all processes of the machine share, so that a time taken in one can be subtracted in another. */

/** Milliseconds; nobody sets this clock, and what it counts from means nothing. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
