/** The command line of the fuzzers. */
import { parseArgs } from 'node:util';
import { targetNames } from './bytes/fuzz-bytes.ts';

/** The command was called in a way it does not understand; the message says what to write instead. */
export class UsageError extends Error {}

export interface FuzzOptions {
  /** The fuzzers to run. */
  readonly fuzzers: readonly ('front' | 'bytes')[];
  readonly seed: number;
  /** For each fuzzer. */
  readonly seconds: number;
  readonly target: string | undefined;
  readonly path: string | undefined;
  readonly replay: string | undefined;
  readonly jsonFile: string | undefined;
  readonly isHelp: boolean;
}

const usualSeconds = 60;
const mostSeconds = 24 * 3600;

/** Throws `UsageError`. */
export function parseFuzzOptions(args: readonly string[]): FuzzOptions {
  const { values, positionals } = parse(args);
  const { seconds = String(usualSeconds), seed, target, path, replay, json, help: isHelp = false } = values;
  const [fuzzer, ...more] = positionals;
  if (more.length > 0 || (fuzzer !== undefined && fuzzer !== 'front' && fuzzer !== 'bytes'))
    throw new UsageError(`there are two fuzzers, front and bytes, not "${positionals.join(' ')}"`);
  const length = Number(seconds);
  if (!(length > 0 && length <= mostSeconds))
    throw new UsageError(`--seconds takes a number above 0 and up to ${mostSeconds}, not "${seconds}"`);
  if (seed !== undefined && !/^\d{1,9}$/.test(seed))
    throw new UsageError(`--seed takes a whole number of at most nine digits, not "${seed}"`);
  if (target !== undefined && !targetNames.includes(target))
    throw new UsageError(`--target is one of ${targetNames.join(', ')}, not "${target}"`);
  if (path !== undefined && target === undefined) throw new UsageError('--path needs --target');
  return {
    fuzzers: fuzzer === undefined ? (target === undefined ? ['bytes', 'front'] : ['bytes']) : [fuzzer],
    seed: seed === undefined ? Math.floor(Math.random() * 1e9) : Number(seed),
    seconds: length,
    target,
    path,
    replay,
    jsonFile: json,
    isHelp,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seconds: { type: 'string' },
        seed: { type: 'string' },
        target: { type: 'string' },
        path: { type: 'string' },
        replay: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
