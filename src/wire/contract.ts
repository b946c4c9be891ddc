/** By which contract a call is made: what its body means, and what its answer looks like. */

export const CONTRACT = {
  /** `{"user_id", "bot_id", "parameters"}`, at `/execute`. */
  envelope: 0,
  /** Arguments flat in body, query and path, at `/p`. */
  native: 1,
  /** The same, answered in pieces. */
  stream: 2,
} as const;

export type Contract = (typeof CONTRACT)[keyof typeof CONTRACT];
