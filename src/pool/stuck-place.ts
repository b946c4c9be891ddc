/** From a stack to the line in a plugin's own files, by the author's names. */
import { realpathSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginSource } from '../wire/catalogue.ts';
import type { StackFrame } from './interrupted-stack.ts';

export interface StuckPlace {
  readonly plugin: string;
  /** Such as `lib/match.ts:12 parse`: file in the plugin's folder, line, function. */
  readonly where: string;
}

/** The innermost frame that is a plugin's, whatever foreign code it called. Undefined: there is none. */
export function stuckPlace(
  stack: readonly StackFrame[],
  plugins: readonly PluginSource[],
): StuckPlace | undefined {
  const roots = plugins.flatMap(rootsOf);
  for (const { url, name, line } of stack) {
    if (!url.startsWith('file:')) continue;
    const path = fileURLToPath(url);
    const root = roots.find(({ folder }) => path.startsWith(folder));
    if (root === undefined) continue;
    const file = relative(root.folder, path).replaceAll(sep, '/');
    return { plugin: root.plugin, where: `${file}:${line} ${name === '' ? '(anonymous)' : name}` };
  }
  return undefined;
}

interface Root {
  readonly plugin: string;
  readonly folder: string;
}

/** The folders whose files are a plugin's: the copy it runs from, and its own with the packages in it. */
function rootsOf({ name, folder, origin, entry }: PluginSource): Root[] {
  return [folder ?? dirname(entry), origin]
    .flatMap((path) => (path === undefined ? [] : [path, real(path)]))
    .map((path) => ({ plugin: name, folder: `${path}${sep}` }));
}

/** Modules go by their real path, whatever links led there. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
