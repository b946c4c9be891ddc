/** Reads objects of the configuration file by the names in them. */
import { didYouMean } from './nearest-name.ts';
import { unexpected } from './origin.ts';

/** Reports that something is wrong at a key, which is a path of names joined by dots. */
export type Complain = (key: string, message: string) => void;

/** Hands each entry to the reader of its name; a name without one is a complaint. */
export function readFields(
  raw: unknown,
  key: string,
  complain: Complain,
  readers: Readonly<Record<string, (value: unknown, at: string) => void>>,
): void {
  for (const [name, value, at] of readEntries(raw, key, complain)) {
    if (Object.hasOwn(readers, name)) readers[name]?.(value, at);
    else complain(at, `no setting has this name${didYouMean(name, Object.keys(readers))}`);
  }
}

/** Name, value and key of each entry; none, and a complaint, when `raw` is not an object. */
export function readEntries(raw: unknown, key: string, complain: Complain): [string, unknown, string][] {
  if (isRecord(raw)) return Object.entries(raw).map(([name, value]) => [name, value, `${key}.${name}`]);
  complain(key, unexpected('a JSON object', raw));
  return [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
