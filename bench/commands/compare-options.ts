/** The command line of `compare`. */
import { parseArgs } from 'node:util';
import type { Effort } from '../scenarios/scenario.ts';
import { UsageError } from './command.ts';

export interface CompareOptions {
  readonly effort: Effort;
  /** Names of scenarios; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Names of variants; undefined: all. */
  readonly variants: readonly string[] | undefined;
  /** Where to write everything measured. */
  readonly jsonFile: string | undefined;
}

const full: Effort = {
  rounds: 5,
  seconds: 3,
  warmupSeconds: 3,
  openLoopSeconds: 5,
  memoryRequests: 1_000_000,
  quietBudgetMs: 120_000,
  searchPiscina: true,
};

const quick: Effort = {
  rounds: 2,
  seconds: 1,
  warmupSeconds: 1,
  openLoopSeconds: 1.5,
  memoryRequests: 100_000,
  quietBudgetMs: 5000,
  searchPiscina: false,
};

/** Throws `UsageError`. `known` are the names `--only` and `--variants` may hold. */
export function parseCompareOptions(
  args: readonly string[],
  known: { readonly scenarios: readonly string[]; readonly variants: readonly string[] },
): CompareOptions {
  const values = parse(args);
  const effort = values.quick === true ? quick : full;
  return {
    effort: { ...effort, rounds: values.rounds === undefined ? effort.rounds : rounds(values.rounds) },
    only: list('scenario', values.only, known.scenarios),
    variants: list('variant', values.variants, known.variants),
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
        variants: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function list(
  kind: string,
  text: string | undefined,
  known: readonly string[],
): readonly string[] | undefined {
  const names = text?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`there is no ${kind} "${unknown}"; there are ${known.join(', ')}`);
  return names;
}

function rounds(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100) {
    throw new UsageError(`--rounds takes a whole number from 1 to 100, not "${text}"`);
  }
  return count;
}
