/**
 * What is remembered of a plugin's versions: `state.json` beside their copies. The copies themselves count more than
 * the file: one that it does not know (two processes wrote it at once, or it was lost) is a version all the same.
 */
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContentHash, isContentHash } from './content.ts';
import { temporaryName } from './temporary.ts';
import { syncFolder } from './version-copy.ts';

const STATE = 'state.json';

export interface VersionRecord {
  readonly hash: ContentHash;
  /** When this content was last found new in the plugin folder; ISO 8601. */
  readonly keptAt: string;
  /** It has served. */
  readonly isGood: boolean;
}

/** A version chosen by hand, which holds as long as the plugin folder still has the content it was chosen against. */
export interface Pin {
  readonly pinned: ContentHash;
  readonly againstFolderHash: ContentHash;
}

/**
 * What an operator wants. `deactivated`: loaded, but not to be called. `unloaded`: not even loaded, whatever the folder
 * holds.
 */
export type Wish = 'serve' | 'deactivated' | 'unloaded';

export interface History {
  /** Newest first; only those whose copies are there. */
  readonly versions: readonly VersionRecord[];
  /** The version that was last marked good. */
  readonly lastGood: ContentHash | undefined;
  readonly pin: Pin | undefined;
  readonly wish: Wish;
}

const NOTHING: History = { versions: [], lastGood: undefined, pin: undefined, wish: 'serve' };

/** `folder`: the plugin's in the store. It need not exist. */
export async function readHistory(folder: string): Promise<History> {
  const { versions, lastGood, pin, wish } = parse(await readOr(join(folder, STATE), ''));
  const copies = new Set((await namesIn(folder)).filter((name) => isContentHash(name)));
  const known = versions.filter(({ hash }) => copies.has(hash));
  for (const { hash } of known) copies.delete(hash);
  const unknown: VersionRecord[] = [];
  for (const hash of copies) {
    const made = await stat(join(folder, hash)).catch(() => undefined);
    if (made !== undefined) unknown.push({ hash, keptAt: made.mtime.toISOString(), isGood: false });
  }
  unknown.sort((a, b) => (a.keptAt > b.keptAt ? -1 : 1));
  return { versions: [...known, ...unknown], lastGood, pin, wish };
}

/** Replaces the file as a whole: a reader, or whoever comes after a crash, sees the old one or the new one. */
export async function writeHistory(folder: string, history: History): Promise<void> {
  const fresh = join(folder, temporaryName());
  try {
    const handle = await open(fresh, 'wx');
    try {
      await handle.writeFile(`${JSON.stringify(history, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, join(folder, STATE));
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

function parse(text: string): History {
  const state = objectOf(text);
  const pin: unknown = state['pin'];
  const versions: unknown = state['versions'];
  const wish: unknown = state['wish'];
  return {
    versions: Array.isArray(versions) ? versions.filter(isRecord) : NOTHING.versions,
    lastGood: isContentHash(state['lastGood']) ? state['lastGood'] : undefined,
    pin: isPin(pin) ? pin : undefined,
    wish: wish === 'deactivated' || wish === 'unloaded' ? wish : NOTHING.wish,
  };
}

/** Of anything else than a JSON object: an empty one. */
function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is VersionRecord {
  if (typeof value !== 'object' || value === null) return false;
  if (!('hash' in value && 'keptAt' in value && 'isGood' in value)) return false;
  return isContentHash(value.hash) && typeof value.keptAt === 'string' && typeof value.isGood === 'boolean';
}

function isPin(value: unknown): value is Pin {
  if (typeof value !== 'object' || value === null) return false;
  if (!('pinned' in value && 'againstFolderHash' in value)) return false;
  return isContentHash(value.pinned) && isContentHash(value.againstFolderHash);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Other errors than a missing file are errors: a file that cannot be read must not be replaced by an empty one. */
async function readOr(path: string, otherwise: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise;
    throw error;
  }
}
