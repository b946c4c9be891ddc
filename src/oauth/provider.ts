/**
 * Coze as the OAuth provider: the page where users consent, and the three requests for tokens. A confidential app proves itself
 * by its client secret, a public one by PKCE (RFC 7636).
 */
import type { Log } from '../core/log.ts';
import type { Endpoints } from './endpoints.ts';
import { postJson } from './post-json.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { Secret } from './secret.ts';
import { SettingProblem } from './setting-problem.ts';
import { readTokens, type Tokens } from './tokens.ts';
import { Unavailable } from './unavailable.ts';

export interface ProviderOptions {
  readonly endpoints: Endpoints;
  readonly clientId: string;
  /** Undefined: PKCE. */
  readonly clientSecret: string | undefined;
  readonly redirectUri: string;
  /** For one request, in ms. */
  readonly limitMs: number;
  /** Unix time in ms. */
  readonly now: () => number;
  readonly log: Log;
}

export type TokenAnswer = { readonly kind: 'tokens'; readonly tokens: Tokens } | Refusal;

/** So long nothing is refreshed after Coze has failed, in ms; longer if it says so. */
const REST_MS = 1000;

export class Provider {
  readonly usesPkce: boolean;
  readonly #options: Omit<ProviderOptions, 'clientSecret'>;
  readonly #clientSecret: Secret | undefined;
  #restUntil = 0;
  #lastFailure: Unavailable | undefined;

  /** @throws SettingProblem */
  constructor({ clientSecret, ...options }: ProviderOptions) {
    // It would make an error of `fetch` that quotes it.
    if (clientSecret !== undefined && !/^[\x21-\x7e]+$/.test(clientSecret))
      throw new SettingProblem('cozeClientSecret', 'cozeClientSecret must be printable ASCII without blanks');
    this.usesPkce = clientSecret === undefined;
    this.#options = options;
    this.#clientSecret = clientSecret === undefined ? undefined : new Secret(clientSecret);
  }

  /** `challenge`: S256 of the verifier; undefined without PKCE. */
  authorizeUrl(state: string, challenge: string | undefined): string {
    const { endpoints, clientId, redirectUri } = this.#options;
    const url = new URL(endpoints.authorize);
    url.searchParams.set('response_type', 'code');
    url.searchParams.set('client_id', clientId);
    url.searchParams.set('redirect_uri', redirectUri);
    url.searchParams.set('state', state);
    if (challenge !== undefined) {
      url.searchParams.set('code_challenge', challenge);
      url.searchParams.set('code_challenge_method', 'S256');
    }
    return url.href;
  }

  /** Code to tokens. Never rejects. */
  exchange(code: Secret, verifier: Secret | undefined): Promise<TokenAnswer> {
    const { redirectUri } = this.#options;
    return this.#ask(
      {
        grant_type: 'authorization_code',
        code: code.reveal(),
        redirect_uri: redirectUri,
        ...(verifier === undefined ? {} : { code_verifier: verifier.reveal() }),
      },
      [code, ...(verifier === undefined ? [] : [verifier])],
    );
  }

  /**
   * Refresh token to tokens. Never rejects. After a failure the answer is the same for a second, unasked: users keep calling,
   * and Coze is left alone.
   */
  async refresh(token: Secret): Promise<TokenAnswer> {
    if (this.#lastFailure !== undefined && performance.now() < this.#restUntil)
      return { kind: 'failed', failure: this.#lastFailure };
    const answer = await this.#ask({ grant_type: 'refresh_token', refresh_token: token.reveal() }, [token]);
    if (answer.kind === 'failed') {
      const { code, message } = answer.failure;
      this.#options.log.warn('A token could not be refreshed.', { code, reason: message });
      this.#lastFailure = answer.failure;
      this.#restUntil = performance.now() + Math.max(REST_MS, answer.failure.restMs);
    }
    return answer;
  }

  async #ask(body: Readonly<Record<string, string>>, sent: readonly Secret[]): Promise<TokenAnswer> {
    const { endpoints, clientId, limitMs, now } = this.#options;
    try {
      const { status, value } = await postJson({
        url: endpoints.token,
        bearer: this.#clientSecret,
        body: { ...body, client_id: clientId },
        limitMs,
      });
      const tokens = status < 300 ? readTokens(value, now()) : undefined;
      if (tokens !== undefined) return { kind: 'tokens', tokens };
      const secrets = this.#clientSecret === undefined ? sent : [...sent, this.#clientSecret];
      return refusalOf(
        status,
        value,
        secrets.map((secret) => secret.reveal()),
      );
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      return { kind: 'failed', failure: error };
    }
  }
}
