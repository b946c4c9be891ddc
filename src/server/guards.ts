/** Who may call which plugin. A plugin's rules stand in the configuration, so its guard outlives its versions. */
import { makeGuard } from '../auth/make-guard.ts';
import type { SharedAuth } from '../auth/shared.ts';
import { authRulesOf, unguardedPlugins, unguardedSentence } from '../config/auth-exposure.ts';
import type { Settings } from '../config/settings.ts';
import type { Log } from '../core/log.ts';
import type { Guard } from '../wire/guard.ts';

export class Guards {
  private readonly settings: Settings;
  private readonly shared: SharedAuth;
  private readonly log: Log;
  private readonly made = new Map<string, Guard | undefined>();

  constructor(settings: Settings, shared: SharedAuth, log: Log) {
    this.settings = settings;
    this.shared = shared;
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
    return rules.some(({ type }) => type === 'none') ? undefined : makeGuard(rules, this.shared);
  }
}
