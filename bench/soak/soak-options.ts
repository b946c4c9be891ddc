/** The command line of the soak. */
import { parseArgs } from 'node:util';
import { UsageError } from '../commands/command.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly jsonFile: string | undefined;
  /** Faults and bad neighbours instead of operators. */
  readonly isChaos: boolean;
  readonly isHelp: boolean;
}

const usualMinutes = 5;
const mostMinutes = 24 * 60;

/** Throws `UsageError`. */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  const { minutes = String(usualMinutes), seed, json, chaos = false, help = false } = parse(args);
  const length = Number(minutes);
  if (!(length > 0 && length <= mostMinutes)) {
    throw new UsageError(`--minutes takes a number above 0 and up to ${mostMinutes}, not "${minutes}"`);
  }
  if (seed !== undefined && !/^\d{1,9}$/.test(seed)) {
    throw new UsageError(`--seed takes a whole number of at most nine digits, not "${seed}"`);
  }
  return {
    minutes: length,
    seed: seed === undefined ? Math.floor(Math.random() * 1e9) : Number(seed),
    jsonFile: json,
    isChaos: chaos,
    isHelp: help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'string' },
        chaos: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
