/** What was asked and how it ended, counted. */
import type { Outcome, Verdict } from './judge-call.ts';
import type { Called, Question } from './question.ts';

/** Calls of one kind: a plugin, or a plugin called in a special manner. */
export interface KindCounts {
  readonly group: Called['group'];
  readonly isIdempotent: boolean;
  asked: number;
  /** Of clients that left before an answer came. */
  left: number;
  readonly outcomes: Record<Outcome, number>;
}

/** Outcomes that must not be. */
const faulty: ReadonlySet<Outcome> = new Set<Outcome>(['lost', 'crossed', 'wrong']);

/** A report that nobody reads to its end helps nobody. */
const mostReasons = 30;

export class Ledger {
  readonly kinds = new Map<string, KindCounts>();
  /** Refusals: `well-behaved: OVERLOADED`. */
  readonly refusals: Record<string, number> = {};
  /** When clients left. */
  readonly departures: Record<string, number> = {};
  /** What must not be, by reason. */
  readonly faults: Record<string, number> = {};
  /** How much later than its deadline each 504 came, in milliseconds. */
  readonly lateness: number[] = [];
  private numbers = 0;

  /** Of a call that no other has. */
  nextNumber(): number {
    this.numbers += 1;
    return this.numbers;
  }

  /** `manner`: how the client behaves, where that is special. */
  asked(plugin: Called, manner = ''): KindCounts {
    const name = manner === '' ? plugin.name : `${plugin.name}, ${manner}`;
    const kind = this.kinds.get(name) ?? countsOf(plugin);
    this.kinds.set(name, kind);
    kind.asked += 1;
    return kind;
  }

  ended(kind: KindCounts, { plugin, deadlineMs }: Question, verdict: Verdict, elapsedMs: number): void {
    const { outcome, detail } = verdict;
    kind.outcomes[outcome] += 1;
    if (outcome === 'refused') count(this.refusals, `${plugin.group}: ${detail}`);
    if (outcome === 'late') this.lateness.push(elapsedMs - deadlineMs);
    if (faulty.has(outcome)) this.fault(`${plugin.name}: ${outcome}: ${detail}`);
  }

  left(kind: KindCounts, moment: string): void {
    kind.left += 1;
    count(this.departures, moment);
  }

  fault(reason: string): void {
    const isOneTooMany = Object.keys(this.faults).length >= mostReasons && !(reason in this.faults);
    count(this.faults, isOneTooMany ? 'and more, each in a way of its own' : reason);
  }

  /** Over the kinds that `wanted` picks; 'asked' and 'left' as well. */
  sum(what: Outcome | 'asked' | 'left', wanted: (kind: KindCounts) => boolean = () => true): number {
    return [...this.kinds.values()]
      .filter(wanted)
      .reduce(
        (sum, kind) => sum + (what === 'asked' || what === 'left' ? kind[what] : kind.outcomes[what]),
        0,
      );
  }
}

function countsOf({ group, isIdempotent = false }: Called): KindCounts {
  const outcomes = { right: 0, failed: 0, died: 0, refused: 0, late: 0, lost: 0, crossed: 0, wrong: 0 };
  return { group, isIdempotent, asked: 0, left: 0, outcomes };
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
