/**
 * Users on their way through the consent page. A state is 32 random bytes, good once and for ten minutes, for the user and the
 * browser session it was given to. The store has its hash only, and the rest encrypted: whoever reads the store can
 * neither come back with a state nor learn a code verifier.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from './key-ring.ts';
import { Secret } from './secret.ts';
import type { TokenStore } from './store.ts';

export const STATE_MS = 10 * 60_000;
/** 32 bytes in base64url. */
const STATE = /^[\w-]{43}$/;

export interface PendingStart {
  readonly state: string;
  /** RFC 7636, S256; undefined without PKCE. */
  readonly challenge: string | undefined;
}

export type PendingEnd =
  | { readonly kind: 'known'; readonly user: string; readonly verifier: Secret | undefined }
  | { readonly kind: 'unknown' | 'expired' | 'foreign' };

export class PendingAuthorizations {
  readonly #store: TokenStore;
  readonly #keys: KeyRing;
  readonly #region: string;
  readonly #now: () => number;

  constructor(store: TokenStore, keys: KeyRing, region: string, now: () => number) {
    this.#store = store;
    this.#keys = keys;
    this.#region = region;
    this.#now = now;
  }

  async start(user: string, session: string, withPkce: boolean): Promise<PendingStart> {
    const state = randomText();
    const verifier = withPkce ? randomText() : undefined;
    const id = sha256(state);
    const record = { user, session: sha256(session), verifier, until: this.#now() + STATE_MS };
    // A minute longer than it is good, so that a late browser is told that it is late.
    await this.#store.writePending(
      id,
      this.#keys.seal(JSON.stringify(record), this.#place(id)),
      STATE_MS + 60_000,
    );
    return { state, challenge: verifier === undefined ? undefined : sha256(verifier) };
  }

  /** Uses the state up, whatever the answer. */
  async end(state: string, session: string): Promise<PendingEnd> {
    if (!STATE.test(state)) return { kind: 'unknown' };
    const id = sha256(state);
    const sealed = await this.#store.takePending(id);
    if (sealed === undefined) return { kind: 'unknown' };
    const record = new Map<string, unknown>(
      Object.entries(JSON.parse(this.#keys.open(sealed, this.#place(id)))),
    );
    const user = record.get('user');
    const verifier = record.get('verifier');
    if (typeof user !== 'string') return { kind: 'unknown' };
    if (!isSame(sha256(session), String(record.get('session')))) return { kind: 'foreign' };
    if (this.#now() >= Number(record.get('until'))) return { kind: 'expired' };
    return { kind: 'known', user, verifier: typeof verifier === 'string' ? new Secret(verifier) : undefined };
  }

  #place(id: string): readonly string[] {
    return ['pending', this.#region, id];
  }
}

/** 256 random bits; as a code verifier of 43 characters the shortest that RFC 7636 allows. */
function randomText(): string {
  return randomBytes(32).toString('base64url');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
