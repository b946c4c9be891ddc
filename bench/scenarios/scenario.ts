/** What a scenario is given and what it gives back. */
import type { Figure } from '../report/figure.ts';
import type { Variant } from '../variants/variant.ts';

/** How long and how often to measure. */
export interface Effort {
  /** How often each variant is measured, in turn with the others. */
  readonly rounds: number;
  /** Length of one closed-loop measurement, whole seconds. */
  readonly seconds: number;
  /** Load before the first measurement of each server, whole seconds. */
  readonly warmupSeconds: number;
  /** Length of one open-loop measurement, its sender's own warm-up left out. */
  readonly openLoopSeconds: number;
  /** Requests after which the growth of memory is read. */
  readonly memoryRequests: number;
  /** How long the run may wait for a quiet machine, in milliseconds, all waits together. */
  readonly quietBudgetMs: number;
  /** Whether to look for the best Piscina settings; otherwise the ones found before are taken. */
  readonly searchPiscina: boolean;
}

/** What every run of scenarios offers them. */
export interface RunContext<HowMuch> {
  readonly effort: HowMuch;
  /** Waits, within reason, for other programs to be quiet; called before each measurement. */
  untilQuiet(): Promise<void>;
  /** Tells what is going on. */
  progress(text: string): void;
}

export interface Context extends RunContext<Effort> {
  /** Leaves out the variants the user did not ask for. */
  select(variants: readonly Variant[]): readonly Variant[];
}

/** Named figures of one variant, each with one value per round. */
export interface Detail {
  readonly variant: string;
  readonly title: string;
  readonly columns: Readonly<Record<string, readonly number[]>>;
}

export interface ScenarioResult {
  readonly figures: readonly Figure[];
  readonly details: readonly Detail[];
  /** What a reader must know to trust or doubt the figures. */
  readonly notes: readonly string[];
  /** Lines to print as they are. */
  readonly charts?: readonly string[];
  /** How many answers were wrong, by variant; any at all fails the run. */
  readonly faults: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Everything measured, for --json. */
  readonly samples: unknown;
}

export interface Scenario {
  readonly name: string;
  /** One line for --help. */
  readonly summary: string;
  run(context: Context): Promise<ScenarioResult>;
}
