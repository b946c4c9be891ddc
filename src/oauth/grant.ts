/**
 * What is kept of one user's consent, and how it stands in the store.
 */
import type { KeyRing } from './key-ring.ts';
import { Secret } from './secret.ts';
import type { Subject, TokenStore } from './store.ts';
import type { Tokens } from './tokens.ts';
import { Unavailable } from './unavailable.ts';

export type Grant =
  | {
      readonly state: 'live';
      readonly access: Secret;
      readonly refresh: Secret;
      /** Unix times in ms. */
      readonly expiresAt: number;
      readonly refreshedAt: number;
    }
  /** Coze no longer takes the refresh token. Kept so that the user can be told. */
  | { readonly state: 'ended'; readonly endedAt: number };

export type LiveGrant = Extract<Grant, { readonly state: 'live' }>;

/** A grant as read, with the sealed text that says what exactly was read. */
export interface HeldGrant {
  readonly sealed: string;
  readonly grant: Grant;
}

/** `before`: the grant that was refreshed; the code's first tokens have none, and must have a refresh token. */
export function liveGrant(tokens: Tokens, now: number, before?: LiveGrant): LiveGrant | undefined {
  const refresh = tokens.refresh ?? before?.refresh;
  if (refresh === undefined) return undefined;
  return { state: 'live', access: tokens.access, refresh, expiresAt: tokens.expiresAt, refreshedAt: now };
}

/** Grants of one region, encrypted on their way into the store and decrypted on their way out. */
export class Grants {
  readonly #keys: KeyRing;
  readonly #region: string;
  readonly #store: TokenStore;

  constructor(store: TokenStore, keys: KeyRing, region: string) {
    this.#store = store;
    this.#keys = keys;
    this.#region = region;
  }

  subject(user: string): Subject {
    return `${this.#region}/${user}`;
  }

  /** Undefined: there is none. Rejects with `Unavailable`, KEY_MISSING among them. */
  async read(user: string): Promise<HeldGrant | undefined> {
    const sealed = await this.#store.readGrant(this.subject(user));
    if (sealed === undefined) return undefined;
    return { sealed, grant: grantOf(this.#keys.open(sealed, this.#place(user))) };
  }

  seal(user: string, grant: Grant): string {
    const record =
      grant.state === 'live'
        ? { ...grant, access: grant.access.reveal(), refresh: grant.refresh.reveal() }
        : grant;
    return this.#keys.seal(JSON.stringify(record), this.#place(user));
  }

  #place(user: string): readonly string[] {
    return ['grant', this.#region, user];
  }
}

function grantOf(text: string): Grant {
  const record = new Map<string, unknown>(Object.entries(JSON.parse(text)));
  const number = (name: string): number => Number(record.get(name));
  const access = record.get('access');
  const refresh = record.get('refresh');
  if (record.get('state') === 'ended') return { state: 'ended', endedAt: number('endedAt') };
  if (record.get('state') !== 'live' || typeof access !== 'string' || typeof refresh !== 'string')
    throw new Unavailable('STORE_NEWER', 'a record of a kind not known here');
  return {
    state: 'live',
    access: new Secret(access),
    refresh: new Secret(refresh),
    expiresAt: number('expiresAt'),
    refreshedAt: number('refreshedAt'),
  };
}
