/**
 * What in the plugin folder is a plugin, by names alone: `<name>/` with an `index.{ts,mts,js,mjs}`, or one such file
 * `<name>.{ts,mts,js,mjs}`.
 */
import { join, parse } from 'node:path';
import type { PluginFailure } from '../wire/catalogue.ts';

/** Earlier ones win where a folder has several indexes. */
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
/** The `{plugin}` of a path, and a folder name that is safe everywhere. */
export const PLUGIN_NAME = /^[a-z][a-z0-9-]{0,62}$/;

export interface FolderEntry {
  readonly file: string;
  /** Links are followed: it is what they lead to. */
  readonly kind: 'folder' | 'file';
}

export interface PluginPath extends FolderEntry {
  readonly name: string;
  /** Absolute; links are not resolved. */
  readonly path: string;
}

export interface PluginPaths {
  /** By name, ascending. */
  readonly plugins: readonly PluginPath[];
  /** By file: what looks like a plugin and cannot be one. */
  readonly failures: ReadonlyMap<string, PluginFailure>;
}

/** Hidden files and installed packages are nobody's plugin code. */
export function isSkipped(file: string): boolean {
  return file.startsWith('.') || file === 'node_modules';
}

/** `entries` of `folder`, in the order of their file names: of two with one name, the first is the plugin. */
export function pluginsAmong(folder: string, entries: readonly FolderEntry[]): PluginPaths {
  const plugins = new Map<string, PluginPath>();
  const failures = new Map<string, PluginFailure>();
  for (const { file, kind } of entries) {
    const name = kind === 'folder' ? file : nameOfFile(file);
    if (name === undefined || isSkipped(file)) continue;
    const reason = whyNot(name, file, plugins);
    if (reason === undefined) plugins.set(name, { file, kind, name, path: join(folder, file) });
    else failures.set(file, { name, reason, stack: undefined });
  }
  // Files were sorted with their extensions: `a-b.ts` came before `a.ts`.
  const byName = [...plugins.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { plugins: byName, failures };
}

/** The file of a plugin folder that is imported. Throws where there is none. */
export function indexAmong(files: readonly string[]): string {
  const index = EXTENSIONS.map((extension) => `index${extension}`).find((file) => files.includes(file));
  if (index === undefined) throw new Error(`the folder has no index${EXTENSIONS.join(', index')}`);
  return index;
}

function whyNot(name: string, file: string, taken: ReadonlyMap<string, PluginPath>): string | undefined {
  if (!PLUGIN_NAME.test(name)) return `a plugin name must match ${PLUGIN_NAME.source}`;
  return taken.has(name) ? `two plugins have this name: ${file} is left out` : undefined;
}

/** Undefined: no plugin, for example a README or a test. */
function nameOfFile(file: string): string | undefined {
  const { name, ext } = parse(file);
  return EXTENSIONS.includes(ext) && !name.endsWith('.d') && !name.endsWith('.test') ? name : undefined;
}
