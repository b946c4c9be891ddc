/** Who may call which plugin. A plugin's rules stand in the configuration, so its guard outlives its versions. */
import { authRulesOf, unguardedPlugins, unguardedSentence } from '../config/auth-exposure.ts';
import type { Settings } from '../config/settings.ts';
import type { AuthRule } from '../core/auth-rules.ts';
import type { Log } from '../core/log.ts';
import type { Guard } from '../wire/guard.ts';
import type { Authentication } from './authentication.ts';

/** 64 random bits in hexadecimal digits. */
const SHORTEST_TOKEN = 16;

/** Whether anything in the settings needs a guard. */
export function asksForAuthentication(settings: Settings): boolean {
  const { serviceToken, callbackToken, pluginSettings } = settings;
  if (serviceToken !== undefined || callbackToken !== undefined) return true;
  return Object.values(pluginSettings).some(({ auth }) => auth !== undefined && !isOpen(auth));
}

function isOpen(rules: readonly AuthRule[]): boolean {
  return rules.some(({ type }) => type === 'none');
}

export class Guards {
  private readonly settings: Settings;
  private readonly authentication: Authentication | undefined;
  private readonly log: Log;
  private readonly made = new Map<string, Guard | undefined>();

  /** `authentication`: undefined where `asksForAuthentication` says no. */
  constructor(settings: Settings, authentication: Authentication | undefined, log: Log) {
    this.settings = settings;
    this.authentication = authentication;
    this.log = log;
  }

  /** Undefined: everybody may. */
  of(plugin: string): Guard | undefined {
    if (!this.made.has(plugin)) this.made.set(plugin, this.make(plugin));
    return this.made.get(plugin);
  }

  private make(plugin: string): Guard | undefined {
    const { settings } = this;
    if (unguardedPlugins(settings, [plugin]).length > 0) {
      const reason = unguardedSentence(plugin, settings.host);
      this.log.error(`calls are refused: ${reason}`, { plugin });
      return { headers: new Set(), judge: () => ({ kind: 'refused', reason }) };
    }
    const rules = authRulesOf(settings, plugin);
    this.warn(plugin, rules);
    return isOpen(rules) ? undefined : this.authentication?.guardOf(rules);
  }

  /** Of what may be meant so, and is more likely a mistake. */
  private warn(plugin: string, rules: readonly AuthRule[]): void {
    const { publicUrl, allowUnauthenticated } = this.settings;
    if (isOpen(rules) && publicUrl !== undefined && !allowUnauthenticated) {
      this.log.warn(
        `anybody who reaches ${publicUrl} may call ${plugin} and name any user; set serviceToken or pluginSettings.${plugin}.auth`,
        { plugin },
      );
    }
    const tokens = rules.flatMap((rule) => (rule.type === 'service-token' ? rule.tokens : []));
    if (tokens.some((token) => token.length < SHORTEST_TOKEN)) {
      this.log.warn(
        `a service token of ${plugin} has fewer than ${SHORTEST_TOKEN} characters and may be guessed; make one with openssl rand -hex 24`,
        { plugin },
      );
    }
  }
}
