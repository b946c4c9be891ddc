/** The command line of `overload`. */
import type { OverloadEffort } from '../scenarios/overload-scenario.ts';
import { countIn, parseOptions, scenariosIn } from './option-values.ts';

export interface OverloadOptions {
  readonly effort: OverloadEffort;
  /** Names of scenarios; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Where to write everything measured. */
  readonly jsonFile: string | undefined;
}

const full: OverloadEffort = {
  rounds: 3,
  seconds: 4,
  overloadSeconds: 10,
  neighbourSeconds: 5,
  deaths: 30,
  quietBudgetMs: 60_000,
};

const quick: OverloadEffort = {
  rounds: 1,
  seconds: 2,
  overloadSeconds: 4,
  neighbourSeconds: 3,
  deaths: 10,
  quietBudgetMs: 2000,
};

/** Throws `UsageError`. `scenarios` are the names `--only` may hold. */
export function parseOverloadOptions(args: readonly string[], scenarios: readonly string[]): OverloadOptions {
  const values = parseOptions(args, {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    deaths: { type: 'string' },
    json: { type: 'string' },
  });
  const effort = values.quick === true ? quick : full;
  return {
    effort: {
      ...effort,
      rounds: countIn('--rounds', values.rounds) ?? effort.rounds,
      deaths: countIn('--deaths', values.deaths) ?? effort.deaths,
    },
    only: scenariosIn(values.only, scenarios),
    jsonFile: values.json,
  };
}
