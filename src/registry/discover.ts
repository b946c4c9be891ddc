/**
 * Finds the plugins in a folder, once and at once.
 */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PluginFailure } from '../wire/catalogue.ts';
import { type FolderEntry, indexAmong, isSkipped, type PluginPath, pluginsAmong } from './plugin-paths.ts';

export { PLUGIN_NAME } from './plugin-paths.ts';

export interface FoundPlugin {
  readonly name: string;
  /** Absolute path of the module to import. */
  readonly entry: string;
}

export interface Discovery {
  /** By name, ascending. */
  readonly plugins: readonly FoundPlugin[];
  readonly failures: readonly PluginFailure[];
}

/** Throws only when the folder itself cannot be read. */
export function discoverPlugins(folder: string): Discovery {
  const failures: PluginFailure[] = [];
  const attempt = <T>(name: string, work: () => T): T[] => {
    try {
      return [work()];
    } catch (error) {
      failures.push({
        name,
        reason: error instanceof Error ? error.message : String(error),
        stack: undefined,
      });
      return [];
    }
  };
  const files = readdirSync(folder).filter((file) => !isSkipped(file));
  const entries = files.toSorted().flatMap((file) =>
    attempt(file, (): FolderEntry => {
      const isFolder = statSync(join(folder, file)).isDirectory();
      return { file, kind: isFolder ? 'folder' : 'file' };
    }),
  );
  const found = pluginsAmong(folder, entries);
  failures.push(...found.failures.values());
  const plugins = found.plugins.flatMap((plugin) =>
    attempt(plugin.name, () => ({ name: plugin.name, entry: realpathSync(entryOf(plugin)) })),
  );
  return { plugins, failures };
}

function entryOf({ kind, path }: PluginPath): string {
  return kind === 'file' ? path : join(path, indexAmong(readdirSync(path)));
}
