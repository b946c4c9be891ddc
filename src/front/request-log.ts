/**
 * One log line per failed request and one in N for the others, with a ceiling per second: an overload must
 * not become a flood of lines.
 */
import type { Log } from '../core/log.ts';

/** Failure lines per second; the rest is counted and told. */
const LINES_PER_SECOND = 50;

export interface RequestFacts {
  readonly requestId: string;
  readonly status: number;
  /** Of a page. */
  readonly path?: string | undefined;
  readonly plugin?: string | undefined;
  readonly tool?: string | undefined;
  readonly code?: string | undefined;
  /** `tool_error`: the tool gave an error as its answer. */
  readonly outcome?: string | undefined;
  /** From its first byte to the end of its answer; undefined where phases are not measured. */
  readonly ms?: number | undefined;
  /** What the caller does not learn. */
  readonly reason?: string | undefined;
  readonly userId?: string | undefined;
  readonly botId?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly traceId?: string | undefined;
}

export class RequestLog {
  private readonly log: Log;
  private readonly sample: number;
  private seen = 0;
  private second = 0;
  private lines = 0;

  /** `sample`: one line in this many successful requests, 0 for none. */
  constructor(log: Log, sample: number) {
    this.log = log;
    this.sample = sample;
  }

  /** True when the next successful request should be logged; keeps building the facts off the hot path. */
  wantsSuccess(): boolean {
    if (this.sample === 0) return false;
    this.seen++;
    if (this.seen < this.sample) return false;
    this.seen = 0;
    return true;
  }

  success(facts: RequestFacts): void {
    this.log.info('request', { ...facts });
  }

  /** A fault of the front itself. */
  fault(error: unknown): void {
    this.log.error('the front failed to handle a request', { error });
  }

  failure(facts: RequestFacts): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.second) {
      const dropped = this.lines - LINES_PER_SECOND;
      if (dropped > 0)
        this.log.warn(`${dropped} failed requests not logged: more than ${LINES_PER_SECOND} in a second`);
      this.second = second;
      this.lines = 0;
    }
    this.lines++;
    if (this.lines <= LINES_PER_SECOND) this.log.warn('request failed', { ...facts });
  }
}
