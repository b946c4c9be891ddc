/** A scenario of `overload`. */
import type { RunContext, ScenarioResult } from './scenario.ts';

/** How much to measure. */
export interface OverloadEffort {
  /** How often each measurement is made. */
  readonly rounds: number;
  /** Length of a closed-loop measurement, whole seconds. */
  readonly seconds: number;
  /** How long the server gets more than it can do. */
  readonly overloadSeconds: number;
  /** How long the neighbour is watched, in calm and again in trouble. */
  readonly neighbourSeconds: number;
  /** Workers that die, one after the other. */
  readonly deaths: number;
  /** How long the run may wait for a quiet machine, in milliseconds, all waits together. */
  readonly quietBudgetMs: number;
}

export interface OverloadScenario {
  readonly name: string;
  /** One line for --help. */
  readonly summary: string;
  run(context: RunContext<OverloadEffort>): Promise<ScenarioResult>;
}
