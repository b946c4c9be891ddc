/**
 * The tools of the loaded plugins with their numbers and deadlines.
 */
import type { Settings } from '../config/settings.ts';
import type { ToolId } from '../core/brand.ts';
import type { RoutedTool } from '../front/routes.ts';
import type { PluginManifest } from '../wire/catalogue.ts';

/** Deadline: the file's word on the tool, then on the plugin, then the tool's own, then the server's. */
export function numberTools(plugins: readonly PluginManifest[], settings: Settings): RoutedTool[] {
  return plugins
    .flatMap(({ name: plugin, tools }) => tools.map((tool) => ({ plugin, ...tool })))
    .map(({ plugin, name, timeoutMs }, index) => {
      const own = settings.pluginSettings[plugin];
      return {
        id: index as ToolId,
        plugin,
        tool: name,
        timeoutMs: own?.tools?.[name]?.timeoutMs ?? own?.timeoutMs ?? timeoutMs ?? settings.timeoutMs,
      };
    });
}
