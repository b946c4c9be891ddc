/**
 * Keeps every version of every plugin that is to run, as an immutable copy under its hash, so that all workers of a
 * generation load the same bytes and an earlier version can come back.
 *
 *   <store>/<plugin>/<hash>/      a copy; complete whenever it is there, because it gets its name last
 *   <store>/<plugin>/state.json   what is remembered of the versions
 *   <store>/<plugin>/.tmp-…       being made or taken away
 *
 * A process may be killed anywhere in between. Several processes may share a store: each makes its copy under a name
 * of its own, and whoever finds the hash taken by a good copy uses that one.
 */
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentHash, PluginContent } from './content.ts';
import { PLUGIN_NAME } from './plugin-paths.ts';
import { asStoreError, StoreError } from './store-error.ts';
import { isLeftover, temporaryName } from './temporary.ts';
import { checkCopy, syncFolder, writeCopy } from './version-copy.ts';
import { type History, readHistory, type VersionRecord, type Wish, writeHistory } from './version-history.ts';

/** Versions of a plugin that are always kept. */
const KEPT_VERSIONS = 10;
const SHORTEST_PREFIX = 6;

export interface KeptVersion {
  readonly plugin: string;
  readonly hash: ContentHash;
  /** Absolute path of the copy, links resolved. */
  readonly folder: string;
  /** Absolute path of the module to import. */
  readonly entry: string;
}

/** Every method rejects with a `StoreError` and nothing else. */
export class VersionStore {
  private readonly folder: string;
  /** Changes go one after the other: each reads the state and writes it anew. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder if need be and takes away what killed processes have left. */
  static async open(folder: string): Promise<VersionStore> {
    try {
      await mkdir(folder, { recursive: true });
      const real = await realpath(folder);
      for (const plugin of await readdir(real)) {
        if (PLUGIN_NAME.test(plugin)) await removeLeftovers(join(real, plugin));
      }
      return new VersionStore(real);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /** A whole copy of `content` on disk, made or found, which is then the newest version of its plugin. */
  keep(content: PluginContent): Promise<KeptVersion> {
    const { name, hash, entry } = content;
    return this.change(name, async (folder) => {
      if ((await mkdir(folder, { recursive: true })) !== undefined) await syncFolder(this.folder);
      const history = await readHistory(folder);
      await putCopy(folder, content);
      // This puts the name of the copy on the disk, too.
      if (history.versions[0]?.hash !== hash) await writeHistory(folder, withNewest(history, hash));
      return { plugin: name, hash, folder: join(folder, hash), entry: join(folder, hash, entry) };
    });
  }

  /** Of a plugin that was never kept: an empty one. */
  history(plugin: string): Promise<History> {
    return this.change(plugin, readHistory);
  }

  /**
   * The version whose hash begins with `prefix`, its copy checked. Codes: `SHORT_PREFIX`, `UNKNOWN_VERSION`,
   * `AMBIGUOUS_VERSION`, `DAMAGED_VERSION`.
   */
  find(plugin: string, prefix: string): Promise<KeptVersion> {
    return this.change(plugin, async (folder) => {
      const hash = await resolvePrefix(folder, plugin, prefix);
      const manifest = await checkCopy(join(folder, hash), hash);
      if (manifest === undefined) throw new StoreError('DAMAGED_VERSION', `${plugin} ${hash}`);
      return { plugin, hash, folder: join(folder, hash), entry: join(folder, hash, manifest.entry) };
    });
  }

  /** This version has served: it is the one to go back to. */
  markGood(plugin: string, hash: ContentHash): Promise<void> {
    return this.change(plugin, async (folder) => {
      const history = await readHistory(folder);
      requireVersion(history, plugin, hash);
      const versions = history.versions.map((one) => (one.hash === hash ? { ...one, isGood: true } : one));
      await writeHistory(folder, { ...history, versions, lastGood: hash });
    });
  }

  /** `hash` shall run as long as the plugin folder has the content `againstFolderHash`. */
  pin(plugin: string, hash: ContentHash, againstFolderHash: ContentHash): Promise<void> {
    return this.change(plugin, async (folder) => {
      const history = await readHistory(folder);
      requireVersion(history, plugin, hash);
      await writeHistory(folder, { ...history, pin: { pinned: hash, againstFolderHash } });
    });
  }

  unpin(plugin: string): Promise<void> {
    return this.change(plugin, async (folder) => {
      const history = await readHistory(folder);
      if (history.pin !== undefined) await writeHistory(folder, { ...history, pin: undefined });
    });
  }

  /** What an operator wants of the plugin, until he wants something else. */
  setWish(plugin: string, wish: Wish): Promise<void> {
    return this.change(plugin, async (folder) => {
      const history = await readHistory(folder);
      if (history.wish !== wish) await writeHistory(folder, { ...history, wish });
    });
  }

  /**
   * Removes all but the newest ten versions. The last good one, the pinned one and those of `inUse` stay in any case.
   * Resolves with those removed.
   */
  prune(plugin: string, inUse: ReadonlySet<ContentHash>): Promise<readonly ContentHash[]> {
    return this.change(plugin, async (folder) => {
      const history = await readHistory(folder);
      const needed = new Set([...inUse, history.lastGood, history.pin?.pinned]);
      const removed = history.versions.slice(KEPT_VERSIONS).filter(({ hash }) => !needed.has(hash));
      for (const { hash } of removed) await removeCopy(folder, hash);
      if (removed.length > 0) await writeHistory(folder, await readHistory(folder));
      return removed.map(({ hash }) => hash);
    });
  }

  /** Resolves when all that was asked for so far is done, whether it went well or not. */
  async settled(): Promise<void> {
    await this.last;
  }

  private async change<T>(plugin: string, work: (folder: string) => Promise<T>): Promise<T> {
    // The name may come from an administrator's request, and becomes part of a path.
    if (!PLUGIN_NAME.test(plugin)) throw new StoreError('UNKNOWN_VERSION', plugin);
    const done = this.last.then(() => work(join(this.folder, plugin)));
    this.last = done.catch(() => undefined);
    return done.catch((error: unknown) => {
      throw asStoreError(error);
    });
  }
}

async function putCopy(folder: string, content: PluginContent): Promise<void> {
  const target = join(folder, content.hash);
  if ((await checkCopy(target, content.hash)) !== undefined) return;
  const fresh = join(folder, temporaryName());
  try {
    await writeCopy(fresh, content);
    await rename(fresh, target).catch(async () => {
      // Taken: by another process meanwhile, or by a copy that is damaged and has to go.
      if ((await checkCopy(target, content.hash)) !== undefined) return;
      await removeCopy(folder, content.hash);
      await rename(fresh, target);
    });
  } finally {
    // Where it could not be removed the next opening does it; the first error counts.
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Takes its name away first: a copy that is half removed is never found under it. */
async function removeCopy(folder: string, hash: ContentHash): Promise<void> {
  const doomed = join(folder, temporaryName());
  try {
    await rename(join(folder, hash), doomed);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  await rm(doomed, { recursive: true, force: true });
}

/** A folder that cannot be read concerns its plugin alone, and only when that is to be kept. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const file of await readdir(folder).catch(() => [])) {
    const path = join(folder, file);
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined && isLeftover(file, stats.mtimeMs))
      await rm(path, { recursive: true, force: true });
  }
}

function withNewest(history: History, hash: ContentHash): History {
  const before = history.versions.find((one) => one.hash === hash);
  const newest: VersionRecord = { hash, keptAt: new Date().toISOString(), isGood: before?.isGood ?? false };
  return { ...history, versions: [newest, ...history.versions.filter((one) => one !== before)] };
}

function requireVersion({ versions }: History, plugin: string, hash: ContentHash): void {
  if (!versions.some((one) => one.hash === hash))
    throw new StoreError('UNKNOWN_VERSION', `${plugin} ${hash}`);
}

async function resolvePrefix(folder: string, plugin: string, prefix: string): Promise<ContentHash> {
  const shown = `${plugin} ${prefix}`;
  if (prefix.length < SHORTEST_PREFIX) throw new StoreError('SHORT_PREFIX', shown);
  const { versions } = await readHistory(folder);
  const [first, second] = versions.filter(({ hash }) => hash.startsWith(prefix.toLowerCase()));
  if (first === undefined) throw new StoreError('UNKNOWN_VERSION', shown);
  if (second !== undefined) throw new StoreError('AMBIGUOUS_VERSION', shown);
  return first.hash;
}
