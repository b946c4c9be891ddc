/** How long lost workers were missing: from the moment one is given up, or has ended, until its replacement serves. */

/** Upper bounds in seconds; the last bucket is +Inf. */
export const REPLACEMENT_BOUNDS: readonly number[] = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 10];

export class ReplacementTimes {
  /** One count per bound and one for +Inf, not cumulative; the sum in seconds. */
  readonly durations = { counts: [...REPLACEMENT_BOUNDS, Infinity].map(() => 0), sum: 0 };
  /** Losses that nobody has replaced yet, by performance.now(); oldest first. */
  private readonly open: number[] = [];

  /** A serving worker is lost. */
  lost(): void {
    this.open.push(performance.now());
  }

  /** A worker that replaces one serves. The milliseconds since that loss; undefined: none was open. */
  replaced(): number | undefined {
    const since = this.open.shift();
    if (since === undefined) return undefined;
    const ms = performance.now() - since;
    const within = REPLACEMENT_BOUNDS.findIndex((bound) => ms / 1000 <= bound);
    const bucket = within === -1 ? REPLACEMENT_BOUNDS.length : within;
    this.durations.counts[bucket] = (this.durations.counts[bucket] ?? 0) + 1;
    this.durations.sum += ms / 1000;
    return Math.round(ms);
  }

  /** Nobody is missing: what is open still was made up for in another way. */
  whole(): void {
    this.open.length = 0;
  }
}
