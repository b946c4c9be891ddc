/**
 * Successes and failures of the last while, in buckets: the oldest tenth is forgotten when a new one begins, so
 * a count is right to a tenth of the window and costs one addition.
 */

const BUCKETS = 10;

export class RollingCounts {
  private readonly bucketMs: number;
  /** Two cells a bucket: successes, failures. */
  private readonly cells = new Float64Array(2 * BUCKETS);
  /** Number of the bucket in use since the beginning of time. */
  private current = 0;
  private successes = 0;
  private failed = 0;

  constructor(windowMs: number) {
    this.bucketMs = windowMs / BUCKETS;
  }

  /** `now` in ms; never less than before. */
  count(isSuccess: boolean, now: number): void {
    this.forget(now);
    const cell = 2 * (this.current % BUCKETS) + (isSuccess ? 0 : 1);
    this.cells[cell] = (this.cells[cell] ?? 0) + 1;
    if (isSuccess) this.successes++;
    else this.failed++;
  }

  private forget(now: number): void {
    const bucket = Math.floor(now / this.bucketMs);
    const passed = Math.min(BUCKETS, bucket - this.current);
    for (let step = 1; step <= passed; step++) {
      const cell = 2 * ((bucket - passed + step) % BUCKETS);
      this.successes -= this.cells[cell] ?? 0;
      this.failed -= this.cells[cell + 1] ?? 0;
      this.cells.fill(0, cell, cell + 2);
    }
    if (passed > 0) this.current = bucket;
  }

  /** Within the window that ends at `now`. */
  at(now: number): { readonly calls: number; readonly failures: number } {
    this.forget(now);
    return { calls: this.successes + this.failed, failures: this.failed };
  }

  clear(): void {
    this.cells.fill(0);
    this.successes = 0;
    this.failed = 0;
  }
}
