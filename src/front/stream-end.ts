/** What a worker says at the end of an answer in pieces: the body an answer in one would have. */
import { type ErrorCode, isErrorCode } from '../core/errors.ts';

export type StreamEnd =
  /** `data`: what the tool has returned beside its texts. */
  | { readonly kind: 'success'; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'error'; readonly code: ErrorCode | undefined; readonly message: string | undefined };

/** `body`: JSON, made by the worker. */
export function readStreamEnd(body: Uint8Array): StreamEnd {
  const { status, data, code, message }: Readonly<Record<string, unknown>> = Object(
    JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()),
  );
  if (status === 'success' && typeof data === 'object' && data !== null)
    return { kind: 'success', data: { ...data } };
  return {
    kind: 'error',
    code: typeof code === 'string' && isErrorCode(code) ? code : undefined,
    message: typeof message === 'string' ? message : undefined,
  };
}
