/** What a run of chaos comes to: its figures and their bounds. */
import { atMost, type Figure, type JudgedFigure, judge } from '../../report/figure.ts';
import { percentile } from '../../report/percentile.ts';
import { judgeMemory, type MemoryReading, type MemoryVerdict } from '../memory-verdict.ts';
import type { Sample } from '../watch-resources.ts';
import type { Aftermath } from './aftermath.ts';
import type { KindCounts, Ledger } from './ledger.ts';

/** The allocator keeps what bombs have taken, until the largest of each kind have been; that takes some minutes. */
const warmupShare = 1 / 2;

/** All that a run has seen. */
export interface ChaosFacts {
  readonly seed: number;
  readonly minutes: number;
  readonly ledger: Ledger;
  /** Calls by fault. */
  readonly injected: Readonly<Record<string, number>>;
  readonly floods: number;
  /** How saves ended. */
  readonly saves: Readonly<Record<string, number>>;
  /** The save whose end did not come, in a sentence. */
  readonly stuck: string | undefined;
  readonly resources: readonly Sample[];
  /** Undefined: the server had gone. */
  readonly aftermath: Aftermath | undefined;
  readonly hasDied: boolean;
  /** Calls one worker runs at once. */
  readonly concurrency: number;
}

export interface ChaosVerdict {
  readonly figures: readonly JudgedFigure[];
  readonly memory: MemoryVerdict;
  readonly passed: boolean;
}

export function judgeChaos(facts: ChaosFacts): ChaosVerdict {
  const figures = figuresOf(facts).map(judge);
  const memory = judgeMemory(floorOf(facts.resources), warmupShare);
  const isRight = figures.every(({ verdict }) => verdict === 'aim' || verdict === 'must');
  return { figures, memory, passed: isRight && memory.kind !== 'grows' && facts.stuck === undefined };
}

function figuresOf(facts: ChaosFacts): readonly Figure[] {
  const { ledger, aftermath } = facts;
  const answered = (wanted: (kind: KindCounts) => boolean) =>
    ledger.sum('asked', wanted) - ledger.sum('left', wanted);
  const counted = answered(isWellBehaved) - ledger.sum('died', isWellBehaved);
  const held = aftermath === undefined ? [] : Object.values(aftermath.held);
  const lost = aftermath?.workersLost ?? 0;
  return [
    none('deaths of the process', facts.hasDied ? 1 : 0),
    none('calls without an answer', ledger.sum('lost')),
    none('answers that came to another request', ledger.sum('crossed')),
    none('wrong answers', ledger.sum('wrong')),
    none(
      'other faults',
      Object.values(ledger.faults).reduce((sum, times) => sum + times, 0) - faultyCalls(ledger),
    ),
    {
      name: 'well-behaved calls that failed, those lost with a worker left out, %',
      unit: '',
      bound: atMost(0.1, 0),
      values: percent(counted - ledger.sum('right', isWellBehaved), counted),
    },
    {
      // Faults that come in twos take both workers along, and with them a call that is run again.
      name: 'idempotent calls lost with their workers, %',
      unit: '',
      bound: atMost(0.2, 0.05),
      values: percent(ledger.sum('died', isRepeatable), answered(isRepeatable)),
    },
    {
      name: 'calls lost with one worker, mean',
      unit: '',
      bound: atMost(facts.concurrency, 8),
      values: lost > 0 ? [ledger.sum('died') / lost] : [],
    },
    {
      name: 'from the loss of a worker to its replacement serving, P95',
      unit: 'ms',
      bound: atMost(300, 200),
      values: aftermath?.replacementP95Ms === undefined ? [] : [aftermath.replacementP95Ms],
    },
    {
      name: 'answers at the deadline: behind it, P95',
      unit: 'ms',
      bound: atMost(250, 50),
      values: ledger.lateness.length > 0 ? [percentile(ledger.lateness, 0.95)] : [],
    },
    {
      name: 'slots, calls and threads held at the end',
      unit: '',
      bound: atMost(0, 0),
      values: held.length > 0 ? [held.reduce((sum, count) => sum + count, 0)] : [],
    },
  ];
}

function isWellBehaved({ group }: KindCounts): boolean {
  return group === 'well-behaved';
}

function isRepeatable({ isIdempotent }: KindCounts): boolean {
  return isIdempotent;
}

function none(name: string, count: number): Figure {
  return { name, unit: '', bound: atMost(0, 0), values: [count] };
}

/** Those of the faults that are the ends of calls. */
function faultyCalls(ledger: Ledger): number {
  return ledger.sum('lost') + ledger.sum('crossed') + ledger.sum('wrong');
}

function percent(part: number, whole: number): readonly number[] {
  return whole > 0 ? [(100 * part) / whole] : [];
}

const windowMinutes = 1 / 3;

/** The least of every twenty seconds: what a fault takes for a moment is no growth. */
export function floorOf(readings: readonly MemoryReading[]): readonly MemoryReading[] {
  const windows = Map.groupBy(readings, ({ minutes }) => Math.floor(minutes / windowMinutes));
  return [...windows.values()].map((window) =>
    window.reduce((least, reading) => (reading.residentMB < least.residentMB ? reading : least)),
  );
}
