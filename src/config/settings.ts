/** The settings everything else is given: complete, checked, and never changed. */
import type { AuthRule } from '../core/auth-rules.ts';
import type { SettingValues } from './setting-table.ts';

/** What the configuration file says about one tool of a plugin. */
export interface ToolSettings {
  /** Deadline of one call in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** In which an accepted call has to start, in milliseconds; 0: refused by queue length only. */
  readonly startBudgetMs?: number | undefined;
}

/** Where `ctx.fetch` of one plugin may go, and what goes along. */
export interface OutboundRules {
  /** Hosts, `*.` for every host below one; with a port if need be. Undefined: those of the server. */
  readonly hosts?: readonly string[] | undefined;
  /** Pass user, bot and conversation on. Undefined: as the server does. */
  readonly identity?: boolean | undefined;
}

/** What the configuration file says about one plugin. */
export interface PluginSettings {
  /** Deadline of one call to any tool of the plugin, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** In which an accepted call of any tool of the plugin has to start, in milliseconds. */
  readonly startBudgetMs?: number | undefined;
  /** Calls of the plugin that may be queued for workers or run at once. */
  readonly maxInFlight?: number | undefined;
  /** Calls of the plugin that may wait before that. */
  readonly maxWaiting?: number | undefined;
  /** False: no circuit breakers for its tools. */
  readonly breaker?: boolean | undefined;
  /** Who may call it. Undefined: as the server has it. */
  readonly auth?: readonly AuthRule[] | undefined;
  readonly outbound?: OutboundRules | undefined;
  /** Undefined: as the server does. */
  readonly errorStatus?: 'coze' | 'http' | undefined;
  /** By tool name. The record has no prototype, so that `constructor` is not found in it. */
  readonly tools?: Readonly<Record<string, ToolSettings>> | undefined;
  /** Handed to the plugin's `init` as it is; only the plugin knows what belongs in it. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** One value per row of the settings table, paths absolute, and the section for plugins. Frozen to the last object. */
export interface Settings extends SettingValues {
  /** By plugin name. The record has no prototype, so that `constructor` is not found in it. */
  readonly pluginSettings: Readonly<Record<string, PluginSettings>>;
}
