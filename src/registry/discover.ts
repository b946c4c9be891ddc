/**
 * Finds the plugins in a folder: `<name>/index.{ts,mts,js,mjs}`, or one such file `<name>.{ts,mts,js,mjs}`.
 */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';
import type { PluginFailure } from '../wire/catalogue.ts';

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
/** The `{plugin}` of a path, and a folder name that is safe everywhere. */
export const PLUGIN_NAME = /^[a-z][a-z0-9-]{0,62}$/;

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
  const plugins = new Map<string, FoundPlugin>();
  const failures: PluginFailure[] = [];
  const fail = (name: string, reason: string): void => {
    failures.push({ name, reason, stack: undefined });
  };
  for (const file of readdirSync(folder).toSorted()) {
    if (file.startsWith('.') || file === 'node_modules') continue;
    const path = join(folder, file);
    try {
      const candidate = statSync(path).isDirectory() ? inFolder(path, file) : asFile(path);
      if (candidate === undefined) continue;
      const { name } = candidate;
      if (!PLUGIN_NAME.test(name)) fail(name, `a plugin name must match ${PLUGIN_NAME.source}`);
      else if (plugins.has(name)) fail(name, `two plugins have this name: ${file} is left out`);
      else plugins.set(name, { name, entry: realpathSync(candidate.entry) });
    } catch (error) {
      fail(file, error instanceof Error ? error.message : String(error));
    }
  }
  // Files were sorted with their extensions: `a-b.ts` came before `a.ts`.
  const byName = [...plugins.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { plugins: byName, failures };
}

function inFolder(path: string, name: string): FoundPlugin {
  const files = readdirSync(path);
  const index = EXTENSIONS.map((extension) => `index${extension}`).find((file) => files.includes(file));
  if (index === undefined) throw new Error(`the folder has no index${EXTENSIONS.join(', index')}`);
  return { name, entry: join(path, index) };
}

/** Undefined: no plugin, for example a README or a test. */
function asFile(path: string): FoundPlugin | undefined {
  const { name, ext } = parse(path);
  if (!EXTENSIONS.includes(ext) || name.endsWith('.d') || name.endsWith('.test')) return undefined;
  return { name, entry: path };
}
