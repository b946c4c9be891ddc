/** What a histogram says about the values that were counted in it. */
import type { HistogramReading } from '../shm/meters.ts';

/** What came between two readings of one histogram. */
export function between(earlier: HistogramReading | undefined, later: HistogramReading): HistogramReading {
  return {
    counts: later.counts.map((count, bucket) => Math.max(0, count - (earlier?.counts[bucket] ?? 0))),
    sum: Math.max(0, later.sum - (earlier?.sum ?? 0)),
  };
}

export function countOf({ counts }: Pick<HistogramReading, 'counts'>): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * The value that `share` (0 … 1) of the counted ones do not exceed, as if those of one bucket lay evenly in it;
 * undefined where nothing was counted. `bounds` are the buckets' upper ends. Of values above the last bound nothing
 * more is known, so that bound is given for them.
 */
export function quantile(
  reading: Pick<HistogramReading, 'counts'>,
  bounds: readonly number[],
  share: number,
): number | undefined {
  const total = countOf(reading);
  if (total === 0) return undefined;
  const wanted = share * total;
  let below = 0;
  for (const [bucket, count] of reading.counts.entries()) {
    const upper = bounds[bucket];
    if (upper === undefined) break;
    if (count > 0 && below + count >= wanted) {
      const lower = bounds[bucket - 1] ?? 0;
      return lower + ((upper - lower) * (wanted - below)) / count;
    }
    below += count;
  }
  return bounds.at(-1);
}
