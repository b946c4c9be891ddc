/**
 * What the rest of the server sees of OAuth with Coze: users consent in a browser, once; from then on their access tokens are
 * there when a call needs one.
 *
 *   begin ─► (the browser goes to Coze and comes back) ─► finish ─► accessToken, accessToken, … ─► forget
 *
 * Users are ids as Coze sends them: texts of 1 to 256 characters. No method throws for what others do wrong: the store
 * that is down, the provider that refuses, the state that was used before are answers. Nothing here writes a token, a
 * secret, a code or a key into a log, a message or an inspected object; what needs to be passed on is a `Secret`.
 */
import type { Secret } from './secret.ts';
import type { UnavailableCode } from './unavailable.ts';

/** Not for now. `reason` is a sentence for logs and people; it says what to do and holds no secret. */
export interface NotNow {
  readonly kind: 'unavailable';
  readonly code: UnavailableCode;
  readonly reason: string;
}

/** `url`: where to send the browser. `state`: comes back with the code; known to that browser and us only. */
export type Begun = { readonly kind: 'begun'; readonly url: string; readonly state: string } | NotNow;

export type RefusalCode =
  /** Never given out, used before, or older than ten minutes and cleared away. */
  | 'STATE_UNKNOWN'
  /** Older than ten minutes. */
  | 'STATE_EXPIRED'
  /** Given to another browser session; the state is used up. */
  | 'STATE_FOREIGN'
  /** Coze does not take the code: used before, expired, or not of this app and redirect address. */
  | 'CODE_REFUSED';

export type Finished =
  | { readonly kind: 'stored'; readonly user: string }
  /** Begin again. `reason` is a sentence for people and holds no secret. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly reason: string }
  | NotNow;

/** `never`: the user has no grant here. `ended`: Coze no longer takes it (30 days unused, revoked). */
export interface ConsentRequired {
  readonly kind: 'consent-required';
  readonly why: 'never' | 'ended';
}

export type Access =
  /**
   * `expiresAt`: Unix time in ms. It has some time left as a rule: a minute, or a quarter of its life if that is less. Only
   * while it cannot be refreshed it may be some seconds.
   */
  { readonly kind: 'token'; readonly value: Secret; readonly expiresAt: number } | ConsentRequired | NotNow;

/** No secrets; times are Unix times in ms. */
export type GrantStatus =
  | { readonly kind: 'granted'; readonly accessExpiresAt: number; readonly refreshedAt: number }
  | ConsentRequired
  | NotNow;

export type Forgotten = { readonly kind: 'forgotten'; readonly existed: boolean } | NotNow;

export interface TokenService {
  /**
   * Starts a consent of `user`. `session`: the value of a cookie that only this browser has, at least 128 random bits; only
   * its hash is kept.
   */
  begin(user: string, session: string): Promise<Begun>;

  /** The browser has come back with `state` and `code`. A state is used up by the first try, whatever comes of it. */
  finish(answer: {
    readonly state: string;
    readonly code: string;
    readonly session: string;
  }): Promise<Finished>;

  /**
   * A token to call Coze's API with, refreshed first where it is about to expire. However many calls ask, in however many
   * processes over one store, there is one refresh. `signal` ends the waiting, never the refresh itself.
   */
  accessToken(user: string, signal?: AbortSignal): Promise<Access>;

  /** Deletes the grant here; true: there was one. Coze has no endpoint to revoke it there. */
  forget(user: string): Promise<Forgotten>;

  status(user: string): Promise<GrantStatus>;

  /** Whether the store can be used; undefined: it can. For a warning at start and for health reports. */
  check(): Promise<NotNow | undefined>;

  /** Lets refreshes under way reach the store, at most some seconds; all later calls are answered `CLOSED`. */
  close(): Promise<void>;
}

/** Settings of the server, as they are; plain data, so that they can go to a thread. */
export interface TokenServiceSettings {
  readonly region: 'com' | 'cn';
  readonly clientId: string;
  /** Undefined: PKCE. */
  readonly clientSecret: string | undefined;
  /** The address Coze sends the browser back to, exactly as registered with the app. */
  readonly redirectUri: string;
  /** See `readKeys` in key-ring.ts. */
  readonly tokenKeys: string;
  /** Where the SQLite file `oauth.db` is, unless there is a `redisUrl`. */
  readonly stateDir: string;
  readonly redisUrl: string | undefined;
  /** Instead of the region's own; undefined: that one. */
  readonly webUrl: string | undefined;
  readonly apiUrl: string | undefined;
}
