/** The command line of `tuning`. */
import type { TuningEffort } from '../scenarios/tuning-scenario.ts';
import { countIn, parseOptions, scenariosIn } from './option-values.ts';

export interface TuningOptions {
  readonly effort: TuningEffort;
  /** Names of tables; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Where to write everything measured. */
  readonly jsonFile: string | undefined;
}

const full: TuningEffort = { rounds: 3, seconds: 6, quietBudgetMs: 60_000 };
const quick: TuningEffort = { rounds: 1, seconds: 3, quietBudgetMs: 2000 };

/** Throws `UsageError`. `groups` are the names `--only` may hold. */
export function parseTuningOptions(args: readonly string[], groups: readonly string[]): TuningOptions {
  const values = parseOptions(args, {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
  });
  const effort = values.quick === true ? quick : full;
  return {
    effort: { ...effort, rounds: countIn('--rounds', values.rounds) ?? effort.rounds },
    only: scenariosIn(values.only, groups),
    jsonFile: values.json,
  };
}
