/** Looking at values nobody has checked yet, and saying what they are. */

/** What an object holds, as far as is known. */
export type Members = Readonly<Record<string, unknown>>;

/** `what`: how a refusal calls the value. */
export function asRecord(value: unknown, what: string): Members {
  if (isRecord(value)) return value;
  throw new TypeError(`${what} must be an object, not ${shown(value)}`);
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

/** A value as a refusal mentions it: text quoted, anything else by its kind. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : value === null ? 'null' : typeof value;
}
