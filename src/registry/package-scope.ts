/**
 * Whether a `.js` or `.ts` file is a module or CommonJS is said by "type" in the nearest package.json above it
 * (Node's documentation, "Determining module system"). A copy of a plugin lies below other folders than the plugin,
 * so it takes that word along.
 */
import { type BigIntStats, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface FoundPackage {
  readonly path: string;
  readonly stats: BigIntStats;
}

/** The nearest package.json in `folder` or above it; like Node, not beyond a node_modules. */
export function packageAbove(folder: string): FoundPackage | undefined {
  for (let at = folder; basename(at) !== 'node_modules'; at = dirname(at)) {
    const path = join(at, 'package.json');
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats?.isFile() === true) return { path, stats };
    if (at === dirname(at)) return undefined;
  }
  return undefined;
}

/**
 * The text of a package.json that makes Node read a copy as it reads the original. Without a type Node decides by
 * the syntax of each file; the copy needs a package.json then too, or one further above it would decide.
 */
export async function packageForCopy(above: string | undefined): Promise<string> {
  const text = above === undefined ? '{}' : await readFile(above, 'utf8');
  const parsed: unknown = JSON.parse(text);
  const type = typeof parsed === 'object' && parsed !== null && 'type' in parsed ? parsed.type : undefined;
  return type === 'module' || type === 'commonjs' ? `{"type":"${type}"}\n` : '{}\n';
}
