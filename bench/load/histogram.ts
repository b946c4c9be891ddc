/**
 * A log-linear histogram of non-negative integers, as HdrHistogram does it: fixed memory, constant time per
 * value, and every quantile within 1 % of the exact one however long the tail is.
 *
 *   value   0 … 255        one bucket each, exact
 *           256 … 511      128 buckets, 2 wide
 *           512 … 1023     128 buckets, 4 wide
 *           …              each doubling has 128 buckets, so a bucket is at most 1/128 of its values wide
 *           … 2^31 - 1
 *
 * A quantile is answered with the middle of its bucket: at most 0.4 % off.
 */

const linearBits = 8;
const perOctave = 1 << (linearBits - 1);
const linear = 1 << linearBits;
const largest = 0x7fffffff;
const buckets = linear + (31 - linearBits) * perOctave;

/** A histogram as it crosses a process boundary: the buckets that are not empty. */
export interface HistogramRecord {
  readonly buckets: readonly (readonly [index: number, count: number])[];
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

export class Histogram {
  private readonly counts = new Float64Array(buckets);
  private total = 0;
  private smallest = Number.POSITIVE_INFINITY;
  private greatest = 0;
  private sum = 0;

  /** Counts one value; it is rounded to an integer and held to 0 … 2^31 - 1. */
  record(value: number): void {
    const whole = Math.min(largest, Math.max(0, Math.round(value)));
    const index = bucketOf(whole);
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.total += 1;
    this.sum += whole;
    if (whole < this.smallest) this.smallest = whole;
    if (whole > this.greatest) this.greatest = whole;
  }

  get count(): number {
    return this.total;
  }

  /** The largest value, exact; 0 when empty. */
  get max(): number {
    return this.greatest;
  }

  /** NaN when empty. */
  get mean(): number {
    return this.sum / this.total;
  }

  /**
   * The smallest value that at least `fraction` (0 … 1) of all values do not exceed, within 1 %.
   * NaN when empty.
   */
  quantile(fraction: number): number {
    if (this.total === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(fraction * this.total));
    let seen = 0;
    for (let index = 0; index < buckets; index += 1) {
      seen += this.counts[index] ?? 0;
      // The extremes are known exactly: no answer lies outside what was recorded.
      if (seen >= rank) return Math.min(this.greatest, Math.max(this.smallest, middleOf(index)));
    }
    return this.greatest;
  }

  toRecord(): HistogramRecord {
    const filled: [number, number][] = [];
    for (const [index, count] of this.counts.entries()) if (count > 0) filled.push([index, count]);
    return { buckets: filled, min: this.smallest, max: this.greatest, sum: this.sum };
  }

  /** Adds everything a record holds. */
  add(record: HistogramRecord): void {
    for (const [index, count] of record.buckets) {
      this.counts[index] = (this.counts[index] ?? 0) + count;
      this.total += count;
    }
    this.sum += record.sum;
    // An empty histogram's minimum is Infinity, which JSON turns into null.
    if (record.buckets.length > 0) this.smallest = Math.min(this.smallest, record.min);
    this.greatest = Math.max(this.greatest, record.max);
  }
}

function bucketOf(value: number): number {
  if (value < linear) return value;
  const shift = 32 - linearBits - Math.clz32(value);
  return linear + (shift - 1) * perOctave + ((value >>> shift) - perOctave);
}

function middleOf(index: number): number {
  if (index < linear) return index;
  const shift = Math.floor((index - linear) / perOctave) + 1;
  const low = (perOctave + ((index - linear) % perOctave)) * 2 ** shift;
  return low + (2 ** shift - 1) / 2;
}
