/**
 * The times of the token service, in ms. Together they make sure that a refresh ends before its lease does: a lease has room for
 * one request to Coze and for storing what it brings.
 */
export interface Timing {
  /** One request to Coze. */
  readonly requestMs: number;
  /** The right of one process to refresh. After the death of that process others wait so long. */
  readonly leaseMs: number;
  /** How often those who wait for another process look. */
  readonly pollMs: number;
  /** One call waits so long for a token. */
  readonly waitMs: number;
  /** Refreshes under way have so long to reach the store when the service is closed. */
  readonly closeMs: number;
}

export const TIMING: Timing = {
  requestMs: 8000,
  leaseMs: 30_000,
  pollMs: 50,
  waitMs: 10_000,
  closeMs: 10_000,
};

/** A token is refreshed when it has less than this left, or less than a quarter of its life. */
export const MARGIN_MS = 60_000;

/** A token that cannot be refreshed for now is handed out until it has less than this left. */
export const LAST_USE_MS = 5000;
