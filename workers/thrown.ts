/**
 * Reads what plugin code has thrown. It may be anything, also something that throws again when it is looked
 * at (a getter, a proxy), and the reader must not fail over that.
 */
const UNREADABLE = 'something was thrown that cannot be read';

/** The message of an Error, anything else as text. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return UNREADABLE;
  }
}

/** The stack of an Error; undefined where there is none. */
export function stackOf(thrown: unknown): string | undefined {
  try {
    return thrown instanceof Error && thrown.stack !== undefined ? String(thrown.stack) : undefined;
  } catch {
    return undefined;
  }
}
