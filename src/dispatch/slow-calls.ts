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

  get threshold(): number {
    return this.calls.length < KEPT ? 0 : (this.calls[0]?.duration ?? 0);
  }

  add(call: SlowCall): void {
    if (this.calls.length === KEPT) this.calls.shift();
    const at = this.calls.findIndex(({ duration }) => duration > call.duration);
    this.calls.splice(at === -1 ? this.calls.length : at, 0, call);
  }
}

export class SlowCalls {
  private readonly terms = new Map<ToolId, { latest: Term; before: Term; since: number }>();

  /** Counts one call; `describe` is only asked for calls that are kept. `now` in ms. */
  consider(tool: ToolId, duration: number, now: number, describe: () => SlowCall): void {
    let kept = this.terms.get(tool);
    if (kept === undefined) {
      kept = { latest: new Term(), before: new Term(), since: now };
      this.terms.set(tool, kept);
    } else if (now - kept.since > TERM) {
      kept.before = now - kept.since > 2 * TERM ? new Term() : kept.latest;
      kept.latest = new Term();
      kept.since = now;
    }
    const { latest } = kept;
    latest.seen++;
    if (duration > latest.threshold) latest.add(describe());
  }

  /** The slowest per cent of the last one to two minutes, at most 128 of each tool; slowest first. */
  slowestPercent(): { readonly seen: number; readonly calls: readonly SlowCall[] } {
    let seen = 0;
    const calls: SlowCall[] = [];
    for (const { latest, before } of this.terms.values()) {
      seen += latest.seen + before.seen;
      calls.push(...before.calls, ...latest.calls);
    }
    calls.sort((a, b) => b.duration - a.duration);
    return { seen, calls: calls.slice(0, Math.max(1, Math.ceil(seen / 100))) };
  }
}
