/**
 * The token service: consent in, tokens out. See token-service.ts.
 */
import type { Log } from '../core/log.ts';
import { Grants, liveGrant } from './grant.ts';
import type { KeyRing } from './key-ring.ts';
import { PendingAuthorizations } from './pending.ts';
import type { Provider } from './provider.ts';
import { Refresher } from './refresher.ts';
import { Secret } from './secret.ts';
import type { TokenStore } from './store.ts';
import { TIMING, type Timing } from './timing.ts';
import type {
  Access,
  Begun,
  Finished,
  GrantStatus,
  NotNow,
  RefusalCode,
  TokenService,
} from './token-service.ts';
import { Unavailable } from './unavailable.ts';

export interface TokenKeeperParts {
  readonly region: string;
  readonly store: TokenStore;
  readonly keys: KeyRing;
  readonly provider: Provider;
  readonly log: Log;
  readonly timing?: Timing;
  /** Unix time in ms. */
  readonly now?: () => number;
}

const REASONS: Readonly<Record<RefusalCode, string>> = {
  STATE_UNKNOWN: 'This way back from Coze is not known or was used before; begin again.',
  STATE_EXPIRED: 'The consent took longer than ten minutes; begin again.',
  STATE_FOREIGN: 'The consent was begun in another browser; begin again in this one.',
  CODE_REFUSED: 'Coze does not take the code it has given; begin again.',
};

const LONGEST_USER = 256;
/** RFC 6749 has no limit; an authorization code is some dozens of characters. */
const CODE = /^[\x21-\x7e]{1,2048}$/;

export class TokenKeeper implements TokenService {
  readonly #store: TokenStore;
  readonly #provider: Provider;
  readonly #grants: Grants;
  readonly #pending: PendingAuthorizations;
  readonly #refresher: Refresher;
  readonly #now: () => number;
  readonly #log: Log;
  #closed = false;

  constructor({ region, store, keys, provider, log, timing = TIMING, now = Date.now }: TokenKeeperParts) {
    const grants = new Grants(store, keys, region);
    this.#store = store;
    this.#provider = provider;
    this.#grants = grants;
    this.#pending = new PendingAuthorizations(store, keys, region, now);
    this.#refresher = new Refresher({ store, grants, provider, timing, now, log });
    this.#now = now;
    this.#log = log;
  }

  begin(user: string, session: string): Promise<Begun> {
    return this.#orNotNow(async () => {
      if (user.length < 1 || user.length > LONGEST_USER)
        throw new RangeError(`a user id has 1 to ${LONGEST_USER} characters, not ${user.length}`);
      // A grant whose key is missing must not be lost to a new one; so the user is told before he goes.
      await this.#grants.read(user);
      const { state, challenge } = await this.#pending.start(user, session, this.#provider.usesPkce);
      return { kind: 'begun', url: this.#provider.authorizeUrl(state, challenge), state };
    });
  }

  finish({ state, code, session }: { state: string; code: string; session: string }): Promise<Finished> {
    return this.#orNotNow(async () => {
      const pending = await this.#pending.end(state, session);
      switch (pending.kind) {
        case 'unknown':
          return refused('STATE_UNKNOWN');
        case 'expired':
          return refused('STATE_EXPIRED');
        case 'foreign':
          return refused('STATE_FOREIGN');
        case 'known':
          return this.#exchanged(pending.user, code, pending.verifier);
      }
    });
  }

  accessToken(user: string, signal?: AbortSignal): Promise<Access> {
    return this.#orNotNow(() => this.#refresher.access(user, signal));
  }

  forget(user: string): Promise<{ readonly kind: 'forgotten'; readonly existed: boolean } | NotNow> {
    return this.#orNotNow(async () => ({
      kind: 'forgotten',
      existed: await this.#store.deleteGrant(this.#grants.subject(user)),
    }));
  }

  status(user: string): Promise<GrantStatus> {
    return this.#orNotNow(async () => {
      const held = await this.#grants.read(user);
      if (held === undefined) return { kind: 'consent-required', why: 'never' };
      const { grant } = held;
      if (grant.state === 'ended') return { kind: 'consent-required', why: 'ended' };
      return { kind: 'granted', accessExpiresAt: grant.expiresAt, refreshedAt: grant.refreshedAt };
    });
  }

  check(): Promise<NotNow | undefined> {
    return this.#orNotNow(() => this.#store.check().then(() => undefined));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#refresher.close();
    await this.#store.close();
  }

  async #exchanged(user: string, code: string, verifier: Secret | undefined): Promise<Finished> {
    if (!CODE.test(code)) return refused('CODE_REFUSED');
    // As in `begin`: what cannot be read is not overwritten.
    await this.#grants.read(user);
    const answer = await this.#provider.exchange(new Secret(code), verifier);
    if (answer.kind === 'failed') throw answer.failure;
    if (answer.kind !== 'tokens') {
      this.#log.warn('Coze refused an authorization code.', { user, detail: answer.detail });
      return refused('CODE_REFUSED');
    }
    const grant = liveGrant(answer.tokens, this.#now());
    if (grant === undefined) throw new Unavailable('PROVIDER_UNREADABLE', 'no refresh token');
    await this.#store.writeGrant(this.#grants.subject(user), this.#grants.seal(user, grant));
    return { kind: 'stored', user };
  }

  async #orNotNow<Result>(work: () => Promise<Result>): Promise<Result | NotNow> {
    try {
      if (this.#closed) throw new Unavailable('CLOSED');
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      return { kind: 'unavailable', code: error.code, reason: error.message };
    }
  }
}

function refused(code: RefusalCode): Finished {
  return { kind: 'refused', code, reason: REASONS[code] };
}
