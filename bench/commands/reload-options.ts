/** The command line of `reload`. */
import { parseArgs } from 'node:util';
import type { ReloadEffort } from '../scenarios/reload-scenario.ts';
import { UsageError } from './command.ts';

export interface ReloadOptions {
  readonly effort: ReloadEffort;
  /** Names of scenarios; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Where to write everything measured. */
  readonly jsonFile: string | undefined;
}

const full: ReloadEffort = {
  rolls: 20,
  requests: 1_000_000,
  rounds: 5,
  seconds: 6,
  switchSeconds: 60,
  memoryRolls: 500,
  quietBudgetMs: 60_000,
};

const quick: ReloadEffort = {
  rolls: 5,
  requests: 100_000,
  rounds: 1,
  seconds: 3,
  switchSeconds: 10,
  memoryRolls: 20,
  quietBudgetMs: 2000,
};

const mostRolls = 100_000;

/** Throws `UsageError`. `scenarios` are the names `--only` may hold. */
export function parseReloadOptions(args: readonly string[], scenarios: readonly string[]): ReloadOptions {
  const values = parse(args);
  const effort = values.quick === true ? quick : full;
  return {
    effort: {
      ...effort,
      rolls: count('--rolls', values.rolls) ?? effort.rolls,
      memoryRolls: count('--memory-rolls', values['memory-rolls']) ?? effort.memoryRolls,
    },
    only: namesIn(values.only, scenarios),
    jsonFile: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean' },
        only: { type: 'string' },
        rolls: { type: 'string' },
        'memory-rolls': { type: 'string' },
        json: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function namesIn(text: string | undefined, known: readonly string[]): readonly string[] | undefined {
  const names = text?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`there is no scenario "${unknown}"; there are ${known.join(', ')}`);
  return names;
}

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > mostRolls) {
    throw new UsageError(`${option} takes a whole number from 1 to ${mostRolls}, not "${text}"`);
  }
  return value;
}
