/**
 * The slowest calls of the last while, with where each spent its time. Every tool keeps its own, so that one slow tool
 * does not push out the rest.
 */
import type { SeatIndex, ToolId } from '../core/brand.ts';
import type { PhaseTimes } from '../wire/phases.ts';

export interface SlowCall {
  readonly tool: ToolId;
  /** Worker that ran it. */
  readonly seat: SeatIndex;
  /** What the caller knows it by. */
  readonly requestId: string;
  /** See wire/outcome.ts. */
  readonly outcome: number;
  /** When its first byte came, in milliseconds since the arena's epoch, as `Clock.now()`. */
  readonly begin: number;
  /** All phases together, in milliseconds. */
  readonly duration: number;
  readonly phases: PhaseTimes;
}

/** A term lasts so many ms; two are kept. */
const TERM = 60_000;
/** Calls kept of each tool and term. */
const KEPT = 64;

class Term {
  /** Ascending by duration. */
  readonly calls: SlowCall[] = [];
  seen = 0;

  /** What a call has to exceed to be kept, in ms. */
  get threshold(): number {
    return this.calls.length < KEPT ? 0 : (this.calls[0]?.duration ?? 0);
  }

  add(call: SlowCall): void {
    if (this.calls.length === KEPT) this.calls.shift();
    const at = this.calls.findIndex(({ duration }) => duration > call.duration);
    this.calls.splice(at === -1 ? this.calls.length : at, 0, call);
  }
}

interface Terms {
  latest: Term;
  before: Term;
  since: number;
}

export class SlowCalls {
  private readonly terms = new Map<ToolId, Terms>();

  /** Counts one call at `now` in ms; true: it is to be kept. */
  isSlow(tool: ToolId, duration: number, now: number): boolean {
    const { latest } = this.termsAt(tool, now);
    latest.seen++;
    return duration > latest.threshold;
  }

  keep(call: SlowCall): void {
    this.terms.get(call.tool)?.latest.add(call);
  }

  private termsAt(tool: ToolId, now: number): Terms {
    let terms = this.terms.get(tool);
    if (terms === undefined) {
      terms = { latest: new Term(), before: new Term(), since: now };
      this.terms.set(tool, terms);
    } else if (now - terms.since > TERM) {
      terms.before = now - terms.since > 2 * TERM ? new Term() : terms.latest;
      terms.latest = new Term();
      terms.since = now;
    }
    return terms;
  }

  /** The slowest per cent of the last one to two minutes, at most 128 of each tool; slowest first. `only`: of this tool. */
  slowestPercent(only?: ToolId): { readonly seen: number; readonly calls: readonly SlowCall[] } {
    let seen = 0;
    const calls: SlowCall[] = [];
    for (const [tool, { latest, before }] of this.terms) {
      if (only !== undefined && tool !== only) continue;
      seen += latest.seen + before.seen;
      calls.push(...before.calls, ...latest.calls);
    }
    calls.sort((a, b) => b.duration - a.duration);
    return { seen, calls: calls.slice(0, Math.max(1, Math.ceil(seen / 100))) };
  }
}
