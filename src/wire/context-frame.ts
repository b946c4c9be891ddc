/**
 * What the front knows about a call beside its body, as bytes in front of the body.
 *
 *   ┌──────┬─────────┬──────┬─────────┬─ … six fields in the order of FIELDS, then query and path
 *   │ u16  │ bytes   │ u16  │ bytes   │   length 0 means: not given
 *   └──────┴─────────┴──────┴─────────┴─
 *
 * Latin-1, which is what HTTP header values are. A call without any of it (the usual one) has no frame.
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

const FIELDS = ['requestId', 'userId', 'botId', 'conversationId', 'traceparent', 'traceId'] as const;

/** Longest field in bytes; the front drops longer ones. */
export const LONGEST_FIELD = 1024;
/** Longest query, and longest path, in bytes; the front refuses longer ones. */
export const LONGEST_TARGET = 8192;
/** Room the largest frame takes. */
export const LARGEST_FRAME = FIELDS.length * (2 + LONGEST_FIELD) + 2 * (2 + LONGEST_TARGET);

/** Bytes the frame of this identity and target takes; 0 when nothing is given. */
export function frameLength(identity: CallIdentity, target: NativeTarget = NO_TARGET): number {
  if (identity === NO_IDENTITY && target === NO_TARGET) return 0;
  let length = 4 + target.query.length + target.path.length;
  for (const field of FIELDS) length += 2 + (identity[field]?.length ?? 0);
  return length;
}

/** Writes the frame at `offset`; the caller has made room for `frameLength` bytes. */
export function writeFrame(
  bytes: Buffer,
  offset: number,
  identity: CallIdentity,
  target: NativeTarget = NO_TARGET,
): void {
  let at = offset;
  const put = (value: string): void => {
    at = bytes.writeUInt16LE(value.length, at);
    at += bytes.write(value, at, 'latin1');
  };
  for (const field of FIELDS) put(identity[field] ?? '');
  put(target.query);
  put(target.path);
}

/** Reads the frame of `length` bytes at `offset`. */
export function readFrame(bytes: Buffer, offset: number, length: number): CallIdentity {
  if (length === 0) return NO_IDENTITY;
  let at = offset;
  const next = (): string | undefined => {
    const size = bytes.readUInt16LE(at);
    at += 2;
    if (size === 0) return undefined;
    const value = bytes.toString('latin1', at, at + size);
    at += size;
    return value;
  };
  return {
    requestId: next(),
    userId: next(),
    botId: next(),
    conversationId: next(),
    traceparent: next(),
    traceId: next(),
  };
}

/** Reads the target from the frame of `length` bytes at `offset`. */
export function readTarget(bytes: Buffer, offset: number, length: number): NativeTarget {
  if (length === 0) return NO_TARGET;
  let at = offset;
  for (let skipped = 0; skipped < FIELDS.length; skipped++) at += 2 + bytes.readUInt16LE(at);
  const pathAt = at + 2 + bytes.readUInt16LE(at);
  const end = pathAt + 2 + bytes.readUInt16LE(pathAt);
  return { query: bytes.toString('latin1', at + 2, pathAt), path: bytes.toString('latin1', pathAt + 2, end) };
}
