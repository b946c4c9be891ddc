/**
 * Which version of each plugin a server starts with: the fastest way to one that is known to be good.
 *
 *   pinned by a rollback, and the folder unchanged since   the pinned version
 *   the folder's content has served before                 that
 *   another version was good                               that one; the folder's content is a change after the start
 *   never served anything                                  the folder's content, if the probe finds it fit
 *
 * So a server that was killed in the middle of a roll comes up on the version before it, and finishes the roll. What an
 * operator has switched off stays so.
 */

import type { Wish } from '../registry/version-history.ts';
import type { KeptVersion, VersionStore } from '../registry/version-store.ts';
import type { View } from '../registry/view.ts';

/** What a plugin starts with. */
export interface FirstVersion {
  readonly plugin: string;
  readonly version: KeptVersion;
  /** It has served before. */
  readonly isProven: boolean;
  /** In the folder now; undefined: it cannot be read. */
  readonly inFolder: KeptVersion | undefined;
  /** After a rollback: the folder's content that shall not run. */
  readonly pinnedAgainst: string | undefined;
  readonly wish: Wish;
}

/** `damaged` is told of copies that ought to be there and are not. */
export async function firstVersions(
  view: View,
  store: Pick<VersionStore, 'history' | 'find'>,
  damaged: (plugin: string, error: unknown) => void,
): Promise<readonly FirstVersion[]> {
  if (view.state === 'no-folder') return [];
  const names = new Set([...view.versions.keys(), ...view.failures.map(({ name }) => name)]);
  const chosen: FirstVersion[] = [];
  for (const plugin of names) {
    const first = await choose(plugin, view.versions.get(plugin), store, damaged);
    if (first !== undefined) chosen.push(first);
  }
  return chosen;
}

async function choose(
  plugin: string,
  inFolder: KeptVersion | undefined,
  store: Pick<VersionStore, 'history' | 'find'>,
  damaged: (plugin: string, error: unknown) => void,
): Promise<FirstVersion | undefined> {
  const copy = async (hash: string): Promise<KeptVersion | undefined> => {
    try {
      return await store.find(plugin, hash);
    } catch (error) {
      damaged(plugin, error);
      return undefined;
    }
  };
  let wish: Wish = 'serve';
  try {
    const history = await store.history(plugin);
    const { versions, lastGood, pin } = history;
    wish = history.wish;
    const known = { plugin, inFolder, isProven: true, pinnedAgainst: undefined, wish };
    if (pin !== undefined && pin.againstFolderHash === inFolder?.hash) {
      const version = await copy(pin.pinned);
      if (version !== undefined) return { ...known, version, pinnedAgainst: pin.againstFolderHash };
    }
    const isGood = versions.some(({ hash, isGood: good }) => good && hash === inFolder?.hash);
    if (inFolder !== undefined && isGood) return { ...known, version: inFolder };
    const version = lastGood === undefined ? undefined : await copy(lastGood);
    if (version !== undefined) return { ...known, version };
  } catch (error) {
    damaged(plugin, error);
  }
  if (inFolder === undefined) return undefined;
  return { plugin, inFolder, version: inFolder, isProven: false, pinnedAgainst: undefined, wish };
}
