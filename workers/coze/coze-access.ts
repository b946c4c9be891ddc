/** What one plugin's calls reach Coze's API by. */
import type { CozeClient } from '../../src/plugin/plugin.ts';
import type { CozeSettings } from '../../src/wire/coze-token.ts';
import type { CallFetches } from '../outbound/call-fetches.ts';
import type { PluginOutbound } from '../outbound/outbound.ts';
import { AuthorizationError } from './authorization-error.ts';
import { type CozeCaller, UserClient } from './coze-client.ts';
import type { TokenDesk } from './token-desk.ts';

/** What it takes where the server has OAuth settings. */
export interface CozeWay {
  readonly settings: CozeSettings;
  readonly desk: TokenDesk;
  /** May call the API, and what else the plugin may call. */
  readonly outbound: PluginOutbound;
}

const NOT_CONFIGURED: CozeClient = {
  authorizeUrl: undefined,
  fetch: () => Promise.reject(new AuthorizationError('NOT_CONFIGURED', undefined)),
};

export class CozeAccess {
  private readonly way: CozeWay | undefined;

  /** Without `way` every call is told that nothing is configured. */
  constructor(way?: CozeWay) {
    this.way = way;
  }

  /** The `ctx.coze` of one call; what it fetches ends with `fetches`. */
  clientOf(caller: CozeCaller, fetches: CallFetches): CozeClient {
    if (this.way === undefined) return NOT_CONFIGURED;
    const { settings, desk, outbound } = this.way;
    return new UserClient(settings, desk, caller, fetches.by(outbound));
  }
}
