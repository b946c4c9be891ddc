/** Where a plugin's own files lie, of which copies are made. */
import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Absolute path of the plugin's folder in `folder`, links resolved; of a plugin that is a single file, or is gone,
 * `folder` itself. Packages that a copy imports are looked for from there.
 */
export function originOf(folder: string, plugin: string): string {
  for (const path of [join(folder, plugin), folder]) {
    try {
      if (statSync(path).isDirectory()) return realpathSync(path);
    } catch {
      // Not there: the next.
    }
  }
  return folder;
}
