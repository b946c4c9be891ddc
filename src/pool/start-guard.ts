/**
 * Keeps a crash loop from eating the machine: when most thread starts fail, no further start is tried for
 * a while, then one. The only importer of opossum.
 */
import CircuitBreaker from 'opossum';

/** Failed starts in a row of this window open the circuit, in ms. */
const WINDOW = 30_000;
/** Starts before a judgement. */
const VOLUME = 4;
/** How long starts are withheld, in ms. */
const PAUSE = 5_000;

export class StartGuard {
  private readonly breaker: CircuitBreaker<[() => Promise<void>], void>;

  /**
   * `onRetry` is called when one start may be tried again, and when that one has succeeded; `onPause` when
   * starts are withheld.
   */
  constructor(onRetry: () => void, onPause: (ms: number) => void) {
    this.breaker = new CircuitBreaker((start: () => Promise<void>) => start(), {
      timeout: false,
      errorThresholdPercentage: 50,
      volumeThreshold: VOLUME,
      rollingCountTimeout: WINDOW,
      resetTimeout: PAUSE,
    });
    this.breaker.on('halfOpen', onRetry);
    this.breaker.on('close', onRetry);
    this.breaker.on('open', () => onPause(PAUSE));
  }

  /** False while starts are withheld, and while the one after a pause has not shown how it ends. */
  get allows(): boolean {
    return this.breaker.closed || this.breaker.pendingClose;
  }

  /** Runs one start; its success or failure is counted. Rejects as `start` does, or at once while withheld. */
  attempt(start: () => Promise<void>): Promise<void> {
    return this.breaker.fire(start);
  }

  close(): void {
    this.breaker.shutdown();
  }
}
