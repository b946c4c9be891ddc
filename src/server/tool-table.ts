/**
 * The loaded plugins and their tools, with the numbers all threads share and the deadline of each.
 */
import type { Settings } from '../config/settings.ts';
import type { ToolId } from '../core/brand.ts';
import type { Log } from '../core/log.ts';
import { type RoutedTool, Routes } from '../front/routes.ts';
import type { LoadReport } from '../pool/thread.ts';
import type { PluginFailure, PluginManifest } from '../wire/catalogue.ts';

export class ToolTable {
  plugins: readonly PluginManifest[] = [];
  failures: readonly PluginFailure[];
  tools: readonly RoutedTool[] = [];
  private readonly settings: Settings;
  private readonly log: Log;

  /** `failures`: what was left out before any worker tried. */
  constructor(settings: Settings, failures: readonly PluginFailure[], log: Log) {
    this.settings = settings;
    this.failures = failures;
    this.log = log;
  }

  /** Takes over what the first worker has loaded. */
  fill(report: LoadReport): readonly RoutedTool[] {
    this.plugins = report.plugins;
    this.failures = [...this.failures, ...report.failures];
    for (const { name, reason, stack } of this.failures) {
      this.log.error('plugin left out', { plugin: name, reason, stack });
    }
    this.tools = report.plugins
      .flatMap(({ name: plugin, tools }) => tools.map((tool) => ({ plugin, ...tool })))
      .map(({ plugin, name, timeoutMs }, index) => ({
        id: index as ToolId,
        plugin,
        tool: name,
        timeoutMs: this.deadlineOf(plugin, name, timeoutMs),
      }));
    return this.tools;
  }

  /** The file's word on the tool, then on the plugin, then the tool's own, then the server's. */
  private deadlineOf(plugin: string, tool: string, declared: number | undefined): number {
    const own = this.settings.pluginSettings[plugin];
    return own?.tools?.[tool]?.timeoutMs ?? own?.timeoutMs ?? declared ?? this.settings.timeoutMs;
  }

  routes(): Routes {
    return new Routes(this.tools, this.settings.defaultPlugin);
  }
}
