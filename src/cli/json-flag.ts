/** Flags that are JSON, and what is said when one is not. */
import type { JsonObject } from '../twin/json.ts';
import { isObject, parseJson } from '../twin/json.ts';
import { EXIT } from './exit-codes.ts';

/** Undefined: it is no JSON object. */
export function jsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isObject(value) ? value : undefined;
}

/** Standard error and the exit code tell that the command line is wrong. */
export function usageError(sentence: string): void {
  process.stderr.write(`${sentence}\nAdd --help to see what is possible.\n`);
  process.exitCode = EXIT.usage;
}
