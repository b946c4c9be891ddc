/**
 * One copy of a plugin's content in a folder, and the check that it still is what was copied.
 */
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ContentFile,
  type ContentHash,
  digestOf,
  type Manifest,
  type PluginContent,
  parseManifest,
} from './content.ts';

/** A hidden name: no file of a plugin can have it. */
const MANIFEST = '.hotlane-version.json';
/** Files written at a time: the disk takes several in one go. */
const WRITERS = 16;

/** Makes `folder`. When this resolves, everything below it is on the disk; its own name in the folder above is not. */
export async function writeCopy(folder: string, { files, manifest }: PluginContent): Promise<void> {
  const folders = new Set([folder]);
  for (const { path } of files) {
    for (let at = dirname(path); at !== '.'; at = dirname(at)) folders.add(join(folder, at));
  }
  for (const one of [...folders].toSorted()) await mkdir(one);
  const bytes = new TextEncoder().encode(manifest);
  const all = [...files, { path: MANIFEST, isExecutable: false, bytes }];
  for (let n = 0; n < all.length; n += WRITERS)
    await settleAll(all.slice(n, n + WRITERS).map((file) => writeOne(folder, file)));
  await settleAll([...folders].map(syncFolder));
}

/** What `folder` holds if it is a whole and unchanged copy of the content with this hash, else undefined. */
export async function checkCopy(folder: string, hash: ContentHash): Promise<Manifest | undefined> {
  try {
    const manifest = parseManifest(await readFile(join(folder, MANIFEST), 'utf8'), hash);
    for (const { path, sha256 } of manifest?.files ?? []) {
      if ((await digestOf(await readFile(join(folder, path)))) !== sha256) return undefined;
    }
    return manifest;
  } catch {
    return undefined;
  }
}

/** Puts new and removed names of a folder on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows does not open folders, and needs no such thing.
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  await syncAndClose(handle);
}

/** Read-only, because workers of all generations share the copy. */
async function writeOne(folder: string, { path, isExecutable, bytes }: ContentFile): Promise<void> {
  const handle = await open(join(folder, path), 'wx', isExecutable ? 0o555 : 0o444);
  await syncAndClose(handle, () => handle.writeFile(bytes));
}

async function syncAndClose(handle: FileHandle, before?: () => Promise<void>): Promise<void> {
  try {
    await before?.();
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Like `Promise.all`, but rejects only when nothing is going on any more: the folder is removed then. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
