/** The settings everything else is given: complete, checked, and never changed. */
import type { SettingValues } from './setting-table.ts';

/** What the configuration file says about one tool of a plugin. */
export interface ToolSettings {
  /** Deadline of one call in milliseconds. */
  readonly timeoutMs?: number;
}

/** What the configuration file says about one plugin. */
export interface PluginSettings {
  /** Deadline of one call to any tool of the plugin, in milliseconds. */
  readonly timeoutMs?: number;
  /** By tool name. The record has no prototype, so that `constructor` is not found in it. */
  readonly tools?: Readonly<Record<string, ToolSettings>>;
  /** Handed to the plugin's `init` as it is; only the plugin knows what belongs in it. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** One value per row of the settings table, paths absolute, and the section for plugins. Frozen to the last object. */
export interface Settings extends SettingValues {
  /** By plugin name. The record has no prototype, so that `constructor` is not found in it. */
  readonly pluginSettings: Readonly<Record<string, PluginSettings>>;
}
