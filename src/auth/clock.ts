/** The two clocks authentication goes by. */
export interface AuthClock {
  /** Seconds since 1970, with fraction: what callers put into their timestamps. */
  unixS(): number;
  /** Seconds since some moment, with fraction; never goes back, whatever is done to the other one. */
  steadyS(): number;
}

export const SYSTEM_CLOCK: AuthClock = {
  unixS: () => Date.now() / 1000,
  steadyS: () => performance.now() / 1000,
};

/** Undefined: near enough. The reason otherwise. */
export function distrust(clock: AuthClock, timestampS: number, toleranceS: number): string | undefined {
  const age = clock.unixS() - timestampS;
  if (age > toleranceS) return `the timestamp is more than ${toleranceS} s old`;
  return -age > toleranceS ? `the timestamp is more than ${toleranceS} s ahead` : undefined;
}
