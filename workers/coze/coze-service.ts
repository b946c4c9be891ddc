/**
 * Coze's API as this thread reaches it. The tokens are kept elsewhere; this thread asks for one when a plugin needs it.
 */
import type { CozeSettings, TokenAnswer } from '../../src/wire/coze-token.ts';
import type { OutboundPolicy } from '../../src/wire/outbound.ts';
import { type Outbound, PluginOutbound } from '../outbound/outbound.ts';
import { CozeAccess } from './coze-access.ts';
import { type Ask, TokenDesk } from './token-desk.ts';

export class CozeService {
  private readonly settings: CozeSettings | undefined;
  private readonly desk: TokenDesk;

  /** `settings`: undefined where the server has no OAuth settings; then nothing is ever asked. */
  constructor(settings: CozeSettings | undefined, ask: Ask) {
    this.settings = settings;
    this.desk = new TokenDesk(ask);
  }

  /** An answer of the main thread. */
  receive(question: number, answer: TokenAnswer): void {
    this.desk.receive(question, answer);
  }

  /** `policy`: where else the plugin may call, which is where redirects may lead. */
  accessFor(outbound: Outbound, plugin: string, { hosts }: OutboundPolicy): CozeAccess {
    const { settings, desk } = this;
    if (settings === undefined) return new CozeAccess();
    const allowed = hosts && [...hosts, new URL(settings.apiUrl).host];
    const own = new PluginOutbound(outbound, plugin, { hosts: allowed, identity: true });
    return new CozeAccess({ settings, desk, outbound: own });
  }
}
