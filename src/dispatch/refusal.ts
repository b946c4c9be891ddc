/** Why a call was not taken. Nothing was kept of it. */
import type { ErrorCode } from '../core/errors.ts';

export interface Refusal {
  readonly code: ErrorCode;
  /** Seconds after which another try is worth it; undefined: what the error table says. */
  readonly retryAfter: number | undefined;
}

/** `retryInMs`: whole seconds are what Retry-After can say, and 0 would be read as "at once". */
export function refusal(code: ErrorCode, retryInMs?: number): Refusal {
  const retryAfter = retryInMs === undefined ? undefined : Math.max(1, Math.ceil(retryInMs / 1000));
  return { code, retryAfter };
}
