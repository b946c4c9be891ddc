/** What `tuning` compares: the same load on servers that differ in one setting. */
import type { Call } from '../load/call.ts';

/** How much to measure. */
export interface TuningEffort {
  readonly rounds: number;
  /** Length of one open-loop measurement. */
  readonly seconds: number;
  /** How long the run may wait for a quiet machine, in milliseconds, all waits together. */
  readonly quietBudgetMs: number;
}

/** One row: a value of the setting. */
export interface TuningChoice {
  readonly title: string;
  /** Further arguments of `hotlane start`. */
  readonly args: readonly string[];
  readonly workers: number;
}

/** One table. */
export interface TuningGroup {
  readonly name: string;
  /** One line for --help. */
  readonly summary: string;
  /** The plugin that is called, beside `echo`. */
  readonly plugin: string;
  call(): Call;
  /** Below what the smallest choice can do. */
  readonly ratePerSecond: number;
  /** From the smallest value to the largest. */
  readonly choices: readonly TuningChoice[];
}
