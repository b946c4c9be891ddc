/**
 * Notices that plugin files on disk are no longer those that were loaded. The only importer of chokidar.
 */
import { relative, sep } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { PLUGIN_NAME } from './discover.ts';

export interface PluginWatch {
  /** Names of plugins whose files have changed, ascending. */
  stale(): readonly string[];
  close(): Promise<void>;
}

/** `onStale` is called once per plugin. The watcher's own errors go to `onError`; serving does not depend on it. */
export async function watchPlugins(
  folder: string,
  onStale: (plugin: string) => void,
  onError: (error: unknown) => void,
): Promise<PluginWatch> {
  const { watch } = await import('chokidar');
  const stale = new Set<string>();
  const watcher: FSWatcher = watch(folder, {
    ignoreInitial: true,
    ignored: (path) => isIgnored(relative(folder, path)),
  });
  watcher.on('all', (_event, path) => {
    const plugin = pluginOf(relative(folder, path));
    if (plugin === undefined || stale.has(plugin)) return;
    stale.add(plugin);
    onStale(plugin);
  });
  watcher.on('error', onError);
  return { stale: () => [...stale].toSorted(), close: () => watcher.close() };
}

function isIgnored(path: string): boolean {
  return path.split(sep).some((part) => part === 'node_modules' || (part.startsWith('.') && part !== '..'));
}

/** The first part of the path, without the extension of a plugin that is a single file; of a README, none. */
function pluginOf(path: string): string | undefined {
  const name = path.split(sep, 1)[0]?.replace(/\.(ts|mts|js|mjs)$/, '');
  return name !== undefined && PLUGIN_NAME.test(name) ? name : undefined;
}
