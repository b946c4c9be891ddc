/**
 * Links to the consent page. Whoever opens one can connect an account to the user it names, so only this server makes
 * them: workers for `ctx.coze.authorizeUrl`, and the pages for another try.
 *
 *   {page}?user=7480…&until=1735787045&sig=<HMAC-SHA256 in base64url>
 *
 * The signed text is `hotlane consent link 1`, `until` and `user`, a line each. `until` is in Unix seconds. The user comes
 * last, because it alone may hold a line break.
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { ConsentLinks } from './coze-token.ts';

/** What the keys for links are derived for from those that encrypt tokens. */
export const LINK_PURPOSE = 'hotlane consent link 1';

/** How long a link works, in ms: a user follows it from the chat in which it is shown, and asks for another one there. */
const LINK_LIFE = 30 * 60_000;

/** Milliseconds a clock of another server may be ahead by. */
const CLOCK_SKEW = 60_000;

export type ReadLink =
  /** `until`: Unix time in ms. `query`: what was signed and its signature, and nothing else. */
  | { readonly kind: 'valid'; readonly user: string; readonly until: number; readonly query: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'forged' };

/** A link for `user`, made at `now` in Unix milliseconds. */
export function consentLink({ page, key }: ConsentLinks, user: string, now: number): string {
  const until = String(Math.floor((now + LINK_LIFE) / 1000));
  return `${page}?${queryOf(user, until, signature(key, until, user).toString('base64url'))}`;
}

function queryOf(user: string, until: string, sig: string): string {
  return new URLSearchParams({ user, until, sig }).toString();
}

/** What the query of a link says. `keys`: any of them may have signed it, so that keys can be exchanged. */
export function readConsentLink(query: string, keys: readonly KeyObject[], now: number): ReadLink {
  const values = new URLSearchParams(query);
  const [user, until, sig] = ['user', 'until', 'sig'].map((name) => only(values, name));
  if (!user || !until || !sig || !/^\d{10}$/.test(until)) return { kind: 'forged' };
  const given = Buffer.from(sig, 'base64url');
  const isOurs = keys.some((key) => {
    const expected = signature(key, until, user);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  const ms = Number(until) * 1000;
  if (!isOurs || ms > now + LINK_LIFE + CLOCK_SKEW) return { kind: 'forged' };
  return ms <= now
    ? { kind: 'expired' }
    : { kind: 'valid', user, until: ms, query: queryOf(user, until, sig) };
}

function only(values: URLSearchParams, name: string): string | undefined {
  const all = values.getAll(name);
  return all.length === 1 ? all[0] : undefined;
}

function signature(key: KeyObject, until: string, user: string): Buffer {
  return createHmac('sha256', key).update(`${LINK_PURPOSE}\n${until}\n${user}`).digest();
}
