/**
 * From bytes to a JSON value that is safe to hand to a validator and a plugin.
 *
 * Refused: invalid UTF-8 (decoding alone repairs it silently), a byte order mark, anything that is not JSON,
 * nesting that overflows what comes later, and the key `__proto__`, which turns into prototype pollution in
 * the first Object.assign. Each check costs next to nothing on an ordinary body.
 */
import { type Buffer, isUtf8 } from 'node:buffer';
import type { ErrorCode } from '../src/core/errors.ts';
import { DEEPEST, hasProtoKey, isDeeper } from '../src/wire/json-dangers.ts';

export type ParsedBody =
  | { readonly kind: 'value'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string | undefined };

const refused = (code: ErrorCode, detail?: string): ParsedBody => ({ kind: 'refused', code, detail });

/** Parses `bytes[start, end)`. */
export function parseBody(bytes: Buffer, start: number, end: number): ParsedBody {
  const text = bytes.toString('utf8', start, end);
  // Invalid sequences decode to U+FFFD; only where one shows up can it matter whether the sender meant it.
  // In a string of Latin-1 characters, the usual case, this search ends before it begins.
  if (text.includes('\uFFFD') && !isUtf8(bytes.subarray(start, end))) return refused('NOT_UTF8');
  if (text.charCodeAt(0) === 0xfeff)
    return refused('NOT_UTF8', 'The body starts with a byte order mark; send it without.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused(
      'NOT_JSON',
      error instanceof Error ? `The body is not valid JSON: ${quoted(error.message)}.` : undefined,
    );
  }
  // n levels take 2n brackets, so a short body cannot be too deep.
  if (text.length > 2 * DEEPEST && isDeeper(value, DEEPEST)) return refused('TOO_DEEP');
  // The key may hide behind escapes, which always contain a backslash and a u.
  if ((text.includes('__proto__') || text.includes('\\u')) && hasProtoKey(value))
    return refused('FORBIDDEN_KEY');
  return { kind: 'value', value, text };
}

/** V8 quotes the body in its message; keep that short and on one line. */
function quoted(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}
