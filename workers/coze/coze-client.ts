/** The `ctx.coze` of one call. */
import type { CallContext, CozeClient } from '../../src/plugin/plugin.ts';
import { consentLink } from '../../src/wire/consent-link.ts';
import type { CozeSettings } from '../../src/wire/coze-token.ts';
import { apiUrl } from './api-url.ts';
import { AuthorizationError } from './authorization-error.ts';
import type { TokenDesk } from './token-desk.ts';
import { untilAborted } from './until-aborted.ts';

/** The call that a client is made for. */
export interface CozeCaller {
  readonly userId: string | undefined;
  /** Aborted when nobody waits for the call any more. */
  readonly signal: AbortSignal;
}

/** What may stand in a header (RFC 6750, section 2.1, allows less). Else the error of `Headers` would quote it. */
const SENDABLE = /^[\x21-\x7e]+$/;

export class UserClient implements CozeClient {
  readonly #settings: CozeSettings;
  readonly #desk: TokenDesk;
  readonly #caller: CozeCaller;
  /** Ends with the call. */
  readonly #fetch: CallContext['fetch'];

  constructor(settings: CozeSettings, desk: TokenDesk, caller: CozeCaller, fetch: CallContext['fetch']) {
    this.#settings = settings;
    this.#desk = desk;
    this.#caller = caller;
    this.#fetch = fetch;
  }

  /** A new link each time, so that it works for its full time from when it is shown. */
  get authorizeUrl(): string | undefined {
    const { userId } = this.#caller;
    return userId === undefined ? undefined : consentLink(this.#settings.consent, userId, Date.now());
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const url = apiUrl(this.#settings.apiUrl, path);
    const { userId, signal } = this.#caller;
    if (userId === undefined) throw new AuthorizationError('NO_USER', undefined);
    const token = (): Promise<string> => untilAborted(this.#token(userId), signal, init.signal);
    const first = await token();
    const response = await this.#send(url, init, first);
    if (response.status !== 401) return response;
    // It may have been refreshed elsewhere since: then it was dead before its time.
    this.#desk.drop(userId, first);
    if (!canBeSentAgain(init.body)) return response;
    const second = await token();
    if (second === first) return response;
    await response.body?.cancel();
    return this.#send(url, init, second);
  }

  #send(url: URL, init: RequestInit, token: string): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    return this.#fetch(url, { ...init, headers });
  }

  async #token(user: string): Promise<string> {
    const answer = await this.#desk.token(user);
    switch (answer.kind) {
      case 'token':
        if (!SENDABLE.test(answer.value)) throw new AuthorizationError('UNAVAILABLE', undefined);
        return answer.value;
      case 'consent-required':
        throw new AuthorizationError('CONSENT_REQUIRED', this.authorizeUrl);
      case 'unavailable':
        throw new AuthorizationError('UNAVAILABLE', undefined);
      default:
        return answer satisfies never;
    }
  }
}

/** A stream is read once. */
function canBeSentAgain(body: RequestInit['body']): boolean {
  if (body === undefined || body === null || typeof body === 'string') return true;
  return (
    body instanceof URLSearchParams ||
    body instanceof FormData ||
    body instanceof Blob ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  );
}
