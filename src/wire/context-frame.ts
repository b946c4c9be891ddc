/**
 * What the front knows about a call beside its body, as bytes in front of the body.
 *
 *   requestId LF userId LF botId LF conversationId LF traceparent LF traceId LF query LF path
 *
 * One byte a character, an empty field is not given. None of them can hold a line feed: headers and request lines end at
 * theirs. A call without any of it has no frame. All in one text, because each access to a Buffer costs as much as a field.
 */
import type { Buffer } from 'node:buffer';

/** What the caller's headers say. Undefined: not given. */
export interface CallIdentity {
  readonly requestId: string | undefined;
  readonly userId: string | undefined;
  readonly botId: string | undefined;
  readonly conversationId: string | undefined;
  /** W3C Trace Context, as sent. */
  readonly traceparent: string | undefined;
  /** X-Tt-Logid: the turn's name in Coze's own logs. */
  readonly traceId: string | undefined;
}

export const NO_IDENTITY: CallIdentity = {
  requestId: undefined,
  userId: undefined,
  botId: undefined,
  conversationId: undefined,
  traceparent: undefined,
  traceId: undefined,
};

/** Where the arguments of a native call stand beside its body. Text as received, percent-encoded. */
export interface NativeTarget {
  /** Without the question mark. */
  readonly query: string;
  /** `name=value` pairs like a query's, of the segments that are arguments. */
  readonly path: string;
}

export const NO_TARGET: NativeTarget = { query: '', path: '' };

/** Longest field in bytes; the front drops longer ones. */
export const LONGEST_FIELD = 1024;
/** Longest query, and longest path, in bytes; the front refuses longer ones. */
export const LONGEST_TARGET = 8192;

/** Everything a frame says. */
export interface CallHead extends CallIdentity, NativeTarget {}

const NO_HEAD: CallHead = { ...NO_IDENTITY, ...NO_TARGET };

/** The frame as text, as many bytes as it has characters; '' when nothing is given. */
export function frameOf(identity: CallIdentity, target: NativeTarget): string {
  if (identity === NO_IDENTITY && target === NO_TARGET) return '';
  const {
    requestId = '',
    userId = '',
    botId = '',
    conversationId = '',
    traceparent = '',
    traceId = '',
  } = identity;
  const { query, path } = target;
  return `${requestId}\n${userId}\n${botId}\n${conversationId}\n${traceparent}\n${traceId}\n${query}\n${path}`;
}

/** Writes a frame at `offset`, where there must be room for it. */
export function writeFrame(bytes: Buffer, offset: number, frame: string): void {
  bytes.write(frame, offset, 'latin1');
}

/** Reads the frame of `length` bytes at `offset`. */
export function readFrame(bytes: Buffer, offset: number, length: number): CallHead {
  if (length === 0) return NO_HEAD;
  const text = bytes.toString('latin1', offset, offset + length);
  let start = 0;
  // Most fields are empty, and `split` would make an array and eight texts for each call.
  const next = (): string => {
    const end = text.indexOf('\n', start);
    const field = end === start ? '' : text.slice(start, end === -1 ? length : end);
    start = end === -1 ? length : end + 1;
    return field;
  };
  return {
    requestId: given(next()),
    userId: given(next()),
    botId: given(next()),
    conversationId: given(next()),
    traceparent: given(next()),
    traceId: given(next()),
    query: next(),
    path: next(),
  };
}

function given(field: string): string | undefined {
  return field === '' ? undefined : field;
}
