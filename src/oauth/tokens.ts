/**
 * The answer of the token endpoint: {"access_token": …, "refresh_token": …, "expires_in": …}.
 *
 * Coze's `expires_in` is the absolute Unix time in seconds, unlike RFC 6749's seconds from now. Its value tells which it is: no
 * token lives thirty years, and no absolute time is below 1e9 (2001). From 1e12 it is in milliseconds.
 */
import { Secret } from './secret.ts';

export interface Tokens {
  readonly access: Secret;
  /** Undefined: the one that was sent stays in use (RFC 6749, section 6). */
  readonly refresh: Secret | undefined;
  /** Unix time in ms. */
  readonly expiresAt: number;
}

/**
 * Taken where `expires_in` is absent or makes no sense, in ms. Such tokens are used all the same: those before them are dead,
 * and throwing them away would end the grant.
 */
const ASSUMED_LIFE = 5 * 60_000;
/** What fits into a header, RFC 6750, section 2.1, and is of a sensible length. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/** Undefined: it is no such answer. `now`: Unix time in ms. */
export function readTokens(value: unknown, now: number): Tokens | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const members = new Map<string, unknown>(Object.entries(value));
  const access = tokenOf(members.get('access_token'));
  if (access === undefined) return undefined;
  return {
    access,
    refresh: tokenOf(members.get('refresh_token')),
    expiresAt: expiry(Number(members.get('expires_in')), now),
  };
}

function tokenOf(value: unknown): Secret | undefined {
  return typeof value === 'string' && TOKEN.test(value) ? new Secret(value) : undefined;
}

function expiry(told: number, now: number): number {
  if (!(told > 0) || told >= 1e15) return now + ASSUMED_LIFE;
  if (told < 1e9) return now + told * 1000;
  return told < 1e12 ? told * 1000 : told;
}
