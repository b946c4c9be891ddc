/**
 * The token service from the settings of the server.
 */
import { join } from 'node:path';
import type { Log } from '../core/log.ts';
import { endpointsOf } from './endpoints.ts';
import { readKeys } from './key-ring.ts';
import { Provider } from './provider.ts';
import { RedisStore } from './redis-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import { TIMING } from './timing.ts';
import { TokenKeeper } from './token-keeper.ts';
import type { TokenService, TokenServiceSettings } from './token-service.ts';

/**
 * Touches neither disk nor network: what is wrong there is told by the answers, and by `check`.
 *
 * @throws SettingProblem
 */
export function openTokenService(settings: TokenServiceSettings, log: Log): TokenService {
  const { region, clientId, clientSecret, redirectUri, tokenKeys, stateDir, redisUrl, webUrl, apiUrl } =
    settings;
  const keys = readKeys(tokenKeys);
  const provider = new Provider({
    endpoints: endpointsOf(region, webUrl, apiUrl),
    clientId,
    clientSecret,
    redirectUri,
    limitMs: TIMING.requestMs,
    now: Date.now,
    log,
  });
  const store =
    redisUrl === undefined ? new SqliteStore(join(stateDir, 'oauth.db')) : new RedisStore(redisUrl);
  return new TokenKeeper({ region, store, keys, provider, log });
}
