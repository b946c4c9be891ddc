/**
 * What the plugin folder holds, as far as it can be believed.
 */
import type { PluginFailure } from '../wire/catalogue.ts';
import type { KeptVersion } from './version-store.ts';

export type View =
  /**
   * A plugin that is in none of the three has been removed. One that failed and has no version is still there, but
   * cannot be read: what serves should go on serving.
   */
  | {
      readonly state: 'folder';
      /** By name, ascending. A plugin that is waited for has its previous version here, if there is one. */
      readonly versions: ReadonlyMap<string, KeptVersion>;
      /** The name may also be that of a plugin in `versions`: a second file that claims it. */
      readonly failures: readonly PluginFailure[];
      /** Plugins that are being written for so long that the others went ahead; why, by name. */
      readonly waiting: ReadonlyMap<string, string>;
    }
  /** The folder is missing or cannot be read. No plugin has been removed. */
  | { readonly state: 'no-folder'; readonly reason: string };

/** Whether nothing would have to be done to get from one view to the other. */
export function isSameView(a: View | undefined, b: View): boolean {
  return a !== undefined && essence(a) === essence(b);
}

function essence(view: View): string {
  if (view.state === 'no-folder') return JSON.stringify(view.reason);
  const versions = [...view.versions.values()].map(({ plugin, hash }) => [plugin, hash]);
  return JSON.stringify([versions, view.failures.map(({ name, reason }) => [name, reason])]);
}
