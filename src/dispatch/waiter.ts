import type { VersionId } from '../core/brand.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { CallTimes } from './call-records.ts';

/**
 * Whoever waits for the answer of one call: an HTTP response, a stream, a test. The dispatcher calls
 * exactly one of the two, exactly once, unless the waiter has cancelled the call before.
 */
export interface Waiter {
  /**
   * The worker's reply. `body` is shared memory: it is valid during this call only. `version`: whose code
   * answered; 0 where none came to run. `times`: where the time went, where that is measured; valid during this call
   * only, too. `outcome`: see wire/outcome.ts.
   */
  reply(
    status: number,
    body: Uint8Array,
    version: VersionId,
    times: CallTimes | undefined,
    outcome: number,
  ): void;
  /** A part of an answer in pieces, in order; only before `reply` or `fail`, and only of calls that ask for pieces. */
  piece?(text: string): void;
  /** No reply will come. */
  fail(code: ErrorCode): void;
}
