/**
 * OAuth with Coze, put together from the settings: the thread that keeps tokens, the pages on which users consent, and
 * what workers are told. A server whose settings name no OAuth app has none of it.
 */
import type { Settings } from '../config/settings.ts';
import type { Log } from '../core/log.ts';
import { endpointsOf } from '../oauth/endpoints.ts';
import { readKeys } from '../oauth/key-ring.ts';
import { AUTHORIZE_PATH, CALLBACK_PATH, consentPages } from '../oauth/pages/consent-pages.ts';
import { SettingProblem } from '../oauth/setting-problem.ts';
import { TokenThread } from '../oauth/thread/token-thread.ts';
import { LINK_PURPOSE } from '../wire/consent-link.ts';
import type { CozeSettings, TokenAnswer } from '../wire/coze-token.ts';
import type { Page } from '../wire/page.ts';

export interface OAuth {
  /** What workers are told. */
  readonly coze: CozeSettings;
  readonly pages: readonly Page[];
  /** Rejects with SettingProblem where the settings cannot work. */
  readonly started: Promise<void>;
  /** What operators see of grants and do to them. */
  readonly grants: Pick<TokenThread, 'status' | 'forget'>;
  /** How questions about grants were answered. */
  readonly answers: TokenThread['answers'];
  /** Never rejects. */
  token(user: string): Promise<TokenAnswer>;
  /** Resolves when what is under way has reached the store. */
  close(): Promise<void>;
}

/**
 * For settings that name a part of OAuth at least.
 *
 * @throws SettingProblem where they cannot work together; its message says what to do.
 */
export function openOAuth(settings: Settings, log: Log): OAuth {
  const { cozeClientId: clientId, cozeClientSecret: clientSecret, cozeTokenKeys: tokenKeys } = settings;
  if (clientId === undefined) {
    const given = tokenKeys === undefined ? 'cozeClientSecret' : 'cozeTokenKeys';
    throw alone(given, 'cozeClientId', 'the client id of the OAuth app');
  }
  if (tokenKeys === undefined)
    throw alone('cozeClientId', 'cozeTokenKeys', 'k1:<key>, with a key from: openssl rand -base64 32');
  const [key, ...older] = readKeys(tokenKeys).derived(LINK_PURPOSE);
  if (key === undefined) throw new SettingProblem('cozeTokenKeys', 'cozeTokenKeys has no key');
  const publicUrl = publicUrlOf(settings);
  const region = settings.cozeRegion === 'cn' ? 'cn' : 'com';
  const { cozeWebUrl: webUrl, cozeApiUrl: apiUrl } = settings;
  const tokens = new TokenThread(
    {
      settings: {
        region,
        clientId,
        clientSecret,
        redirectUri: publicUrl + CALLBACK_PATH,
        tokenKeys,
        stateDir: settings.stateDir,
        redisUrl: settings.redisUrl,
        webUrl,
        apiUrl,
      },
    },
    log,
  );
  const endpoints = endpointsOf(region, webUrl, apiUrl);
  return {
    coze: { apiUrl: endpoints.api, consent: { page: publicUrl + AUTHORIZE_PATH, key } },
    pages: consentPages({ publicUrl, cozeUrl: endpoints.authorize, keys: [key, ...older], tokens, log }),
    started: tokens.started,
    grants: tokens,
    answers: tokens.answers,
    token: (user) => tokens.token(user),
    close: () => tokens.close(),
  };
}

/** Coze sends browsers back to exactly this address, so it must be known before, and be one that browsers find. */
function publicUrlOf({ publicUrl, tlsKey, host, port }: Settings): string {
  if (publicUrl !== undefined) return publicUrl;
  if (port === 0 || ['0.0.0.0', '::'].includes(host))
    throw new SettingProblem(
      'publicUrl',
      'cozeClientId needs publicUrl: the address of this server as browsers see it, such as https://plugins.example.com',
    );
  return `${tlsKey === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function alone(given: string, missing: string, how: string): SettingProblem {
  return new SettingProblem(missing, `${given} is set but ${missing} is not; set it to ${how}`);
}
