/** One row of the result: what was measured, what it must be and what it should be. */
import { type Spread, spreadOf } from './spread.ts';

/** `at least`: larger is better. */
export interface Bound {
  readonly direction: 'at least' | 'at most';
  /** Missing it fails the run. */
  readonly must: number;
  readonly aim: number;
}

export interface Figure {
  readonly name: string;
  /** `x` is a ratio, nothing is a count. */
  readonly unit: 'x' | 'ms' | 's' | 'MB' | '';
  readonly bound: Bound;
  /** One value per round; empty when a variant it needs was left out. */
  readonly values: readonly number[];
}

export type Verdict = 'aim' | 'must' | 'missed' | 'not measured';

export interface JudgedFigure extends Figure {
  readonly spread: Spread | undefined;
  readonly verdict: Verdict;
}

/** Judges the median. */
export function judge(figure: Figure): JudgedFigure {
  const spread = spreadOf(figure.values);
  return { ...figure, spread, verdict: verdictOf(spread?.median, figure.bound) };
}

function verdictOf(value: number | undefined, { direction, must, aim }: Bound): Verdict {
  if (value === undefined) return 'not measured';
  const reaches = (bound: number) => (direction === 'at least' ? value >= bound : value <= bound);
  if (reaches(aim)) return 'aim';
  return reaches(must) ? 'must' : 'missed';
}

export function atLeast(must: number, aim: number): Bound {
  return { direction: 'at least', must, aim };
}

export function atMost(must: number, aim: number): Bound {
  return { direction: 'at most', must, aim };
}
