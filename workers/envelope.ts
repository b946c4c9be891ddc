/**
 * The specification's envelope: `{"user_id": …, "bot_id": …, "parameters": {…}}`.
 *
 * Ids are 64-bit integers. They are taken as decimal strings, or as JSON numbers whose digits are read from
 * the text, because a JavaScript number rounds the long ones. An id the headers give need not be in the body; where it is
 * in both, they must agree.
 */
import type { ErrorCode } from '../src/core/errors.ts';
import type { CallIdentity } from '../src/wire/context-frame.ts';
import { parseBody } from './parse-body.ts';

/** What a body asks for, by whichever contract. */
export type Asked =
  | {
      readonly kind: 'call';
      readonly parameters: Readonly<Record<string, unknown>>;
      readonly userId: string | undefined;
      readonly botId: string | undefined;
    }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string | undefined };

const refused = (detail: string): Asked => ({ kind: 'refused', code: 'SCHEMA_VIOLATION', detail });
const CONFLICT: Asked = { kind: 'refused', code: 'IDENTITY_CONFLICT', detail: undefined };

/** Digits of the longest 64-bit integer. */
const MOST_DIGITS = 20;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** The body is `bytes[start, end)`. */
export function readEnvelope(bytes: Buffer, start: number, end: number, headers: CallIdentity): Asked {
  const parsed = parseBody(bytes, start, end);
  return parsed.kind === 'refused' ? parsed : openEnvelope(parsed.value, parsed.text, headers);
}

/** `body`: the parsed body; `text`: what it was parsed from. */
export function openEnvelope(body: unknown, text: string, headers: CallIdentity): Asked {
  if (!isObject(body)) return refused('The body must be object');
  const { user_id: user, bot_id: bot, parameters } = body;
  if (user === undefined && headers.userId === undefined) return refused('"user_id" is required');
  const userId = user === undefined ? headers.userId : idOf('user_id', user, text);
  if (userId === null) return refused('"user_id" must be integer');
  if (differ(userId, headers.userId)) return CONFLICT;
  const botId = bot === undefined ? headers.botId : botOf(bot, text);
  if (botId === null) return refused('"bot_id" must be integer or string');
  if (differ(botId, headers.botId)) return CONFLICT;
  if (parameters === undefined) return refused('"parameters" is required');
  if (!isObject(parameters)) return refused('"parameters" must be object');
  return { kind: 'call', parameters, userId, botId };
}

/** Both are there and not the same: one of them is not whom the call is for, and nobody can tell which. */
function differ(given: string | undefined, header: string | undefined): boolean {
  return header !== undefined && given !== header;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The id's digits; null: it is no integer. */
function idOf(key: string, value: unknown, text: string): string | null {
  if (typeof value === 'string') return isInteger(value) ? value : null;
  if (typeof value !== 'number' || !Number.isInteger(value)) return null;
  return Number.isSafeInteger(value) ? String(value) : digitsOf(key, text);
}

/** 1 to 20 digits, after a minus or not. A loop: a regular expression costs an empty call two per cent. */
function isInteger(text: string): boolean {
  const first = text.charCodeAt(0) === MINUS ? 1 : 0;
  const digits = text.length - first;
  if (digits < 1 || digits > MOST_DIGITS) return false;
  for (let index = first; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}

/** Bot ids appear as digits and as names. */
function botOf(value: unknown, text: string): string | null {
  return typeof value === 'string' ? value : idOf('bot_id', value, text);
}

/** Reads the digits of a top-level number from the text itself. */
function digitsOf(key: string, text: string): string | null {
  const found = new Map<unknown, string>();
  const root: unknown = JSON.parse(
    text,
    function reviver(this: unknown, name, value, context?: { source?: string }) {
      if (name === key && context?.source !== undefined) found.set(this, context.source);
      return value;
    },
  );
  const digits = found.get(root);
  return digits !== undefined && isInteger(digits) ? digits : null;
}
