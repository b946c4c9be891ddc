/**
 * Rolls leave the processor to calls for a while before saved files cause the next: starting threads takes most of a
 * core, and where every roll follows upon another, callers wait for it all the time.
 */
export class Breather {
  private readonly ms: number;
  private until = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  /** `ms`: how long one is; 0: there is none. */
  constructor(ms: number) {
    this.ms = ms;
  }

  /** A roll is over. */
  begin(): void {
    this.until = performance.now() + this.ms;
  }

  get isOver(): boolean {
    return performance.now() >= this.until;
  }

  /** Does `work` when it is over; only the last that is given. Another may have begun by then. */
  afterwards(work: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(work, Math.ceil(this.until - performance.now()));
  }

  /** What waits is not done any more. */
  close(): void {
    clearTimeout(this.timer);
  }
}
