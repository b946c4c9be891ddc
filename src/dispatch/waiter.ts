import type { ErrorCode } from '../core/errors.ts';

/**
 * Whoever waits for the answer of one call: an HTTP response, a stream, a test. The dispatcher calls
 * exactly one of the two, exactly once, unless the waiter has cancelled the call before.
 */
export interface Waiter {
  /** The worker's reply. `body` is shared memory: it is valid during this call only. */
  reply(status: number, body: Uint8Array): void;
  /** No reply will come. */
  fail(code: ErrorCode): void;
}
