/**
 * What a refusal of the token endpoint means: {"error_code": …, "error_message": …}. Coze documents few of its codes, and
 * others follow RFC 6749, section 5.2, with `error`; so what is unknown stays unknown instead of ending a grant.
 */
import { Unavailable } from './unavailable.ts';

export type Refusal =
  /** The code, or the refresh token, is used up, expired or revoked. */
  | { readonly kind: 'over'; readonly detail: string }
  /** Refused for a reason this file does not know. */
  | { readonly kind: 'unknown'; readonly detail: string }
  | { readonly kind: 'failed'; readonly failure: Unavailable };

const OVER: ReadonlySet<string> = new Set([
  'invalid_grant',
  'expired_token',
  'access_denied',
  'invalid_token',
  'invalid_refresh_token',
  'invalid_code',
]);
const OF_THE_CLIENT: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client']);
const LATER: ReadonlySet<string> = new Set([
  'slow_down',
  'authorization_pending',
  'internal_error',
  'server_error',
  'temporarily_unavailable',
]);
/** `invalid_request` with a message such as "refresh token has expired". */
const SAYS_OVER =
  /\brefresh[ _]?token\b.*\b(?:invalid|expired|revoked|used|not found)\b|\b(?:invalid|expired|revoked|used)\b.*\brefresh[ _]?token\b/i;

/** `secrets`: what was sent; an answer may repeat it. */
export function refusalOf(status: number, value: unknown, secrets: readonly string[]): Refusal {
  const members = new Map<string, unknown>(
    typeof value === 'object' && value !== null ? Object.entries(value) : [],
  );
  const code = textOf(members.get('error_code') ?? members.get('error') ?? members.get('code'));
  const message = textOf(
    members.get('error_message') ?? members.get('error_description') ?? members.get('msg'),
  );
  const detail = [`status ${status}`, told(code, secrets), told(message, secrets)]
    .filter((part) => part !== '')
    .join(', ');
  if (code === '' && message === '')
    return { kind: 'failed', failure: new Unavailable('PROVIDER_UNREADABLE', detail) };
  if (OF_THE_CLIENT.has(code)) return { kind: 'failed', failure: new Unavailable('CLIENT_REFUSED', detail) };
  if (LATER.has(code)) return { kind: 'failed', failure: new Unavailable('PROVIDER_BUSY', detail) };
  if (OVER.has(code) || SAYS_OVER.test(message)) return { kind: 'over', detail };
  if (status === 401) return { kind: 'failed', failure: new Unavailable('CLIENT_REFUSED', detail) };
  return { kind: 'unknown', detail };
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const LONGEST = 200;

/** Without what was sent, and without runs of characters that could be a token. */
function told(text: string, secrets: readonly string[]): string {
  let rest = text;
  for (const secret of secrets) rest = rest.replaceAll(secret, '[secret]');
  return rest
    .replaceAll(/[\w+=~-]{24,}/g, '[…]')
    .replaceAll(/\p{C}/gu, ' ')
    .slice(0, LONGEST);
}
