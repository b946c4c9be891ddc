/**
 * Where grants, leases and pending authorizations are kept. Several processes may use one store at a time. What is kept is
 * sealed already (key-ring.ts): a store sees no token.
 *
 * Every method rejects with `Unavailable` (STORE_…) when the store cannot be used, and has then either done all or nothing;
 * which of the two, only a Redis that was lost in between leaves open. All of them may be repeated.
 */
export interface TokenStore {
  readGrant(subject: Subject): Promise<string | undefined>;

  /** Takes the place of whatever is there. */
  writeGrant(subject: Subject, sealed: string): Promise<void>;

  /**
   * Only if `expected` is still there; true as well when `sealed` is there already. Each sealed text is unique, so this is
   * the fence: whoever works on an outdated grant cannot write, lease or no lease.
   */
  replaceGrant(subject: Subject, expected: string, sealed: string): Promise<boolean>;

  /** True: there was one. */
  deleteGrant(subject: Subject): Promise<boolean>;

  /**
   * The right to refresh: one holder at a time. It ends by itself after `ms`, for a holder that has died. False: somebody
   * else has it.
   */
  acquireLease(subject: Subject, holder: string, ms: number): Promise<boolean>;

  /** Does nothing where the lease is somebody else's by now. */
  releaseLease(subject: Subject, holder: string): Promise<void>;

  /** Kept for at least `ms`; over `MOST_PENDING`, the oldest go. */
  writePending(id: string, sealed: string, ms: number): Promise<void>;

  /** Of several takers one gets it. It may be outdated. */
  takePending(id: string): Promise<string | undefined>;

  /** Rejects when the store cannot be read or written. */
  check(): Promise<void>;

  close(): Promise<void>;
}

/** Whose grant: `<region>/<user>`. */
export type Subject = `${string}/${string}`;

/** How many users may be on their way through a consent page. */
export const MOST_PENDING = 10_000;
