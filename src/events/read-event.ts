/**
 * What must be known of an event before a plugin sees it. Its id and type stand in `header`, as Coze documents it, or at the
 * top level; everything else is the plugin's matter.
 */
import type { ErrorCode } from '../core/errors.ts';
import { DEEPEST, hasProtoKey, isDeeper } from '../wire/json-dangers.ts';

export type ReadEvent =
  | { readonly kind: 'event'; readonly id: string; readonly type: string | undefined }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

/** Printable ASCII: it stands in log lines, and many of them are kept. */
const USABLE_ID = /^[\x20-\x7e]{1,128}$/;
const LONGEST_TYPE = 128;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const refused = (code: ErrorCode): ReadEvent => ({ kind: 'refused', code });

export function readEvent(body: Uint8Array): ReadEvent {
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch {
    return refused('NOT_UTF8');
  }
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return refused('NOT_JSON');
  }
  if (!isObject(event)) return refused('NOT_JSON');
  // The workers refuse these too, but then it would look like a failure of the plugin, and be sent again for ever.
  if (isDeeper(event, DEEPEST - 1)) return refused('TOO_DEEP');
  if (hasProtoKey(event)) return refused('FORBIDDEN_KEY');
  const id = member(event, 'event_id');
  if (id === undefined || !USABLE_ID.test(id)) return refused('NO_EVENT_ID');
  const type = member(event, 'event_type');
  return { kind: 'event', id, type: type?.slice(0, LONGEST_TYPE) };
}

/** The text of this name in the event's header, else at its top. A number may have lost digits, so it is none. */
function member(event: object, name: string): string | undefined {
  const header = own(event, 'header');
  const values = [isObject(header) ? own(header, name) : undefined, own(event, name)];
  return values.find((value) => typeof value === 'string');
}

function own(from: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(from, name)?.value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
