/**
 * How long each tool keeps this thread busy, learned by watching: a moving average of the synchronous part
 * of its calls. The serve loop needs to know before it starts a call whether it will soon look at the queue
 * again.
 */
import type { ToolId } from '../src/core/brand.ts';
import { MACHINE_STOP } from '../src/core/clock.ts';

/** From this cost on, in ms, a call is long: waking another worker costs less than waiting. */
const LONG = 0.15;
/** Share of a new reading in the average. */
const WEIGHT = 1 / 8;
/** Of so many first calls the quickest counts: code is compiled while it runs first, which says little of later. */
const FIRST_CALLS = 4;
/**
 * A machine that stops for a moment makes a quick call look long. What may be such a stop counts for so many times the
 * average and some ms at most, so that one alone makes no quick tool a long one, and a few do.
 */
const SURPRISE = { times: 32, ms: 2 } as const;

export class ToolCosts {
  /** Milliseconds by ToolId; an unknown tool counts as long until seen. */
  private readonly average: Float64Array;
  private readonly seen: Uint8Array;

  constructor(tools: number) {
    this.average = new Float64Array(tools).fill(Number.POSITIVE_INFINITY);
    this.seen = new Uint8Array(tools);
  }

  isLong(tool: ToolId): boolean {
    return (this.average[tool] ?? 0) > LONG;
  }

  /** Microseconds on average; 0: too few calls of it have been seen to tell what the next ones will take. */
  micros(tool: ToolId): number {
    if ((this.seen[tool] ?? 0) < FIRST_CALLS) return 0;
    // At least one: a tool that has been seen is known, however quick it is.
    return Math.max(1, Math.round((this.average[tool] ?? 0) * 1000));
  }

  /** `ms`: how long the synchronous part of one call took. */
  learn(tool: ToolId, ms: number): void {
    const before = this.average[tool] ?? 0;
    const seen = this.seen[tool] ?? FIRST_CALLS;
    if (seen < FIRST_CALLS) {
      this.seen[tool] = seen + 1;
      this.average[tool] = Math.min(before, ms);
    } else {
      const reading = ms < MACHINE_STOP ? Math.min(ms, before * SURPRISE.times + SURPRISE.ms) : ms;
      this.average[tool] = before + (reading - before) * WEIGHT;
    }
  }
}
