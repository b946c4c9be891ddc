/** A scenario of `reload`. */
import type { RunContext, ScenarioResult } from './scenario.ts';

/** How much to measure. */
export interface ReloadEffort {
  /** Rolls under clients at full speed, and how many requests these send at least. */
  readonly rolls: number;
  readonly requests: number;
  /** How often latency is measured, each time without rolls and with them; and seconds of each. */
  readonly rounds: number;
  readonly seconds: number;
  /** How long versions follow each other for the time from a save to the first and last answers. */
  readonly switchSeconds: number;
  /** Rolls over which memory is watched. */
  readonly memoryRolls: number;
  /** How long the run may wait for a quiet machine, in milliseconds, all waits together. */
  readonly quietBudgetMs: number;
}

export interface ReloadScenario {
  readonly name: string;
  /** One line for --help. */
  readonly summary: string;
  run(context: RunContext<ReloadEffort>): Promise<ScenarioResult>;
}
