/**
 * How a worker gets a user's token for Coze's API: it asks the main thread, which asks the thread that keeps them.
 *
 *   worker ── coze-token {question, user} ───► main thread ── ask {id, …} ─────► token thread
 *   worker ◄── coze-token {question, answer} ── main thread ◄── answer {id, …} ── token thread
 *
 * Every question is answered, whatever becomes of the token thread.
 */
import type { KeyObject } from 'node:crypto';

/** What a worker is told once. A server without OAuth settings has none. */
export interface CozeSettings {
  /** Address of Coze's API, without a slash at its end. */
  readonly apiUrl: string;
  readonly consent: ConsentLinks;
}

/** How links to the consent page are made. The key makes links and nothing else: it decrypts no token. */
export interface ConsentLinks {
  /** Address of the page, without a query. */
  readonly page: string;
  readonly key: KeyObject;
}

export type TokenAnswer =
  /** `expiresAt`: Unix time in milliseconds. */
  | { readonly kind: 'token'; readonly value: string; readonly expiresAt: number }
  /** The user has not consented, or the grant has ended. */
  | { readonly kind: 'consent-required' }
  /** Coze or the store does not answer. Why stands in the server's log. */
  | { readonly kind: 'unavailable' };
