/** What commands have in common in reading their options. All throw `UsageError`. */
import { parseArgs } from 'node:util';
import { UsageError } from './command.ts';

type OptionKinds = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;

export function parseOptions<const Kinds extends OptionKinds>(args: readonly string[], options: Kinds) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Names separated by commas; undefined where the option is not there. */
export function scenariosIn(
  text: string | undefined,
  known: readonly string[],
): readonly string[] | undefined {
  const names = text?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`there is no scenario "${unknown}"; there are ${known.join(', ')}`);
  }
  return names;
}

const most = 1000;

export function countIn(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new UsageError(`${option} takes a whole number from 1 to ${most}, not "${text}"`);
  }
  return value;
}
