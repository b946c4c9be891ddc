/**
 * A token service over a real store and a real provider, with a clock that the test moves.
 */
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Log, LogFields } from '../../src/core/log.ts';
import { endpointsOf } from '../../src/oauth/endpoints.ts';
import { readKeys } from '../../src/oauth/key-ring.ts';
import { Provider } from '../../src/oauth/provider.ts';
import { RedisStore } from '../../src/oauth/redis-store.ts';
import { SqliteStore } from '../../src/oauth/sqlite-store.ts';
import type { TokenStore } from '../../src/oauth/store.ts';
import { TIMING, type Timing } from '../../src/oauth/timing.ts';
import { TokenKeeper } from '../../src/oauth/token-keeper.ts';
import type { Access, Finished, TokenService } from '../../src/oauth/token-service.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startRedis, WITHOUT_REDIS } from './redis-server.ts';
import { answer, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, StrictProvider } from './strict-provider.ts';

/** 32 bytes each. */
export const KEY_A = `a:${Buffer.alloc(32, 'TOPSECRETa').toString('base64')}`;
export const KEY_B = `b:${Buffer.alloc(32, 'TOPSECRETb').toString('base64')}`;
export const SESSION = 'TOPSECRET-session-of-this-browser';

export interface LogLine {
  readonly message: string;
  readonly fields: LogFields;
}

export function recordingLog(lines: LogLine[]): Log {
  const write = (message: string, fields: LogFields = {}): void => {
    lines.push({ message, fields });
  };
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  return log;
}

/** Where both kinds of store are kept for one test file; more stores of the same place see the same. */
export type Place =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'redis'; readonly url: string; readonly prefix: string };

export function storeAt(place: Place): TokenStore {
  return place.kind === 'sqlite'
    ? new SqliteStore(place.path)
    : new RedisStore(place.url, { prefix: place.prefix });
}

let places = 0;

/** The same test with each kind of store. */
export function withEachStore(
  test: typeof import('tap').test,
  body: (t: Test, newPlace: () => Place) => Promise<void>,
): void {
  test('with SQLite', async (t) => {
    const folder = ownFolder(t);
    await body(t, () => ({ kind: 'sqlite', path: join(folder, `${++places}.db`) }));
  });
  test('with Redis', { skip: WITHOUT_REDIS }, async (t) => {
    const { url } = await startRedis((work) => t.teardown(work));
    await body(t, () => ({ kind: 'redis', url, prefix: `test-${++places}:` }));
  });
}

export interface Scene {
  readonly service: TokenService;
  readonly provider: StrictProvider;
  readonly store: TokenStore;
  readonly lines: LogLine[];
  /** Unix time in ms; the provider's too. */
  readonly clock: { now: number };
}

export interface SceneOptions {
  readonly isPublic?: boolean;
  readonly keys?: string;
  readonly region?: string;
  readonly timing?: Partial<Timing>;
  /** Another process' view of what is there already. */
  readonly like?: Pick<Scene, 'provider' | 'clock'>;
  /** Where to look for the provider instead. */
  readonly apiUrl?: string;
}

export async function newScene(t: Test, store: TokenStore, options: SceneOptions = {}): Promise<Scene> {
  const clock = options.like?.clock ?? { now: Date.now() };
  const now = (): number => clock.now;
  const { isPublic = false, keys = KEY_A, region = 'com' } = options;
  const timing = { ...TIMING, pollMs: 10, ...options.timing };
  const provider =
    options.like?.provider ?? (await StrictProvider.start((work) => t.teardown(work), { isPublic, now }));
  const lines: LogLine[] = [];
  const log = recordingLog(lines);
  const service = new TokenKeeper({
    region,
    store,
    keys: readKeys(keys),
    provider: new Provider({
      endpoints: endpointsOf('com', provider.url, options.apiUrl ?? provider.url),
      clientId: CLIENT_ID,
      clientSecret: isPublic ? undefined : CLIENT_SECRET,
      redirectUri: REDIRECT_URI,
      limitMs: timing.requestMs,
      now,
      log,
    }),
    log,
    timing,
    now,
  });
  t.teardown(() => service.close());
  return { service, provider, store, lines, clock };
}

/** What the browser brings back after the user has agreed. */
export async function comeBack({ service, provider }: Pick<Scene, 'service' | 'provider'>, user: string) {
  const begun = await service.begin(user, SESSION);
  if (begun.kind !== 'begun') throw new Error(begun.reason);
  return { ...provider.consent(begun.url), session: SESSION };
}

export async function consent(scene: Pick<Scene, 'service' | 'provider'>, user: string): Promise<Finished> {
  return scene.service.finish(await comeBack(scene, user));
}

/** The provider keeps its next answer, a good one with `token`, until it is sent. */
export function heldAnswer({ provider, clock }: Scene, token: string) {
  const asked = Promise.withResolvers<void>();
  const send = Promise.withResolvers<void>();
  provider.handler = async (response) => {
    asked.resolve();
    await send.promise;
    answer(response, 200, {
      access_token: token,
      refresh_token: `${token}-refresh`,
      expires_in: Math.floor(clock.now / 1000) + 900,
    });
  };
  return { asked: asked.promise, send: send.resolve };
}

/** The token's text, else what there is instead. */
export function shown(access: Access): string {
  return access.kind === 'token' ? access.value.reveal() : JSON.stringify(access);
}

export const MINUTE = 60_000;
