/**
 * What calls of one tool ask of the workers, learned from those that have ended, and what follows from it: how many of
 * them are worth having with the workers at once.
 */
import { MACHINE_STOP } from '../core/clock.ts';

/** Share of a new reading in an average. */
const WEIGHT = 1 / 8;
/** What workers say of the cost is an average already; two of them take turns. */
const COST_WEIGHT = 1 / 2;
/**
 * A call that keeps its thread so long, in ms, keeps others of that thread waiting noticeably. Not less: where threads
 * have to share processors, the average of a call that takes no time can reach a millisecond, and taking that for long
 * would let it wait behind those that are.
 */
const LONG = 2;
/** What a call is taken to cost, in ms, that has given its thread back before anybody knew. */
const BRIEF = 0.1;
/** A call that keeps its thread so long, in ms, keeps them waiting too long: their own budget may be 80. */
const VERY_LONG = 50;
/** Milliseconds with calls that tell how fast they leave: a stop of the machine is half of them at most. */
const PACE_OVER = 2 * MACHINE_STOP;

export class ToolLoad {
  /** Milliseconds from claim to answer; at least `cost`. */
  run = 0;
  /** Milliseconds from the submission queue to the end of the call: waiting there, running, the way back. */
  residence = 0;
  /** Milliseconds from one call that leaves the workers to the next while they have any; undefined: too early to tell. */
  pace: number | undefined;
  private left = 0;
  private leftWithin = 0;
  private learned: number | undefined;
  /** How long a call has kept its thread that does so now, and how many had ended when that began. */
  private busy = 0;
  private endedBefore = 0;
  private ended = 0;

  /** Milliseconds a call keeps its thread from other work; undefined: nobody knows yet. */
  get cost(): number | undefined {
    return this.busy > (this.learned ?? 0) ? this.busy : this.learned;
  }

  /** `cost` 0: its worker does not know yet. */
  learn(cost: number, run: number): void {
    if (cost > 0) {
      this.learned = this.learned === undefined ? cost : this.learned + (cost - this.learned) * COST_WEIGHT;
    }
    this.run = this.run === 0 ? run : this.run + (run - this.run) * WEIGHT;
    this.ended++;
  }

  /** A call has left the workers, `sinceLast` milliseconds after the one before or after it found them without. */
  learnResidence(ms: number, sinceLast: number): void {
    this.residence = this.residence === 0 ? ms : this.residence + (ms - this.residence) * WEIGHT;
    this.left++;
    this.leftWithin += sinceLast;
    if (this.leftWithin < PACE_OVER) return;
    this.pace = this.leftWithin / this.left;
    // The older half counts half as much from now on.
    this.left /= 2;
    this.leftWithin /= 2;
  }

  /** A call of it has kept its thread for `ms` and goes on: no need to wait for its end to know. */
  sawBusy(ms: number): void {
    if (this.busy === 0) this.endedBefore = this.ended;
    if (this.busy < ms) this.busy = ms;
    if (this.run < ms) this.run = ms;
  }

  /**
   * No call of it keeps its thread any more. That one tells of the next if it was busy for so long that it computed, or if
   * it did not end: it has cost its worker.
   */
  sawFree(): void {
    const isTelling = this.busy >= MACHINE_STOP || this.ended === this.endedBefore;
    if (isTelling && this.busy > (this.learned ?? 0)) this.learned = this.busy;
    this.busy = 0;
  }

  /** A call of it was started `ms` ago and has given its thread back: it waits for something. */
  sawWaiting(ms: number): void {
    this.learned ??= BRIEF;
    if (this.run < ms) this.run = ms;
  }

  /** Calls that hold a thread long enough to hurt others; an unknown tool is taken for one. */
  get isLong(): boolean {
    return this.cost === undefined || this.cost >= LONG;
  }

  get isVeryLong(): boolean {
    return this.cost === undefined || this.cost >= VERY_LONG;
  }

  /** Threads that one of its calls keeps busy on average while it is with the workers, 0 … 1. */
  get threadShare(): number {
    return this.cost === undefined || this.run <= this.cost ? 1 : this.cost / this.run;
  }

  /** So many calls can make progress at once: as many as there are threads where each holds one, else more. */
  atOnce(threads: number, places: number): number {
    if (this.cost === undefined) return threads;
    return Math.min(places, (threads * Math.max(this.run, this.cost)) / this.cost);
  }

  /**
   * So many calls keep `threads` threads, or `places` places where they mostly wait, in work, with `slack` milliseconds
   * of further calls ready in the submission queue.
   */
  worthHaving(threads: number, places: number, slack: number): number {
    if (this.cost === undefined) return threads + (slack > 0 ? 1 : 0);
    const run = Math.max(this.run, this.cost);
    const running = this.atOnce(threads, places);
    const ready = slack === 0 ? 0 : Math.max(1, (running * slack) / run);
    return Math.max(1, Math.floor(running + ready));
  }
}
