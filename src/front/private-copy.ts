/** A file in the user's cache folder that only this user can have written, for code made at run time. */
import { createHash, randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The path of a file that holds exactly `bytes`, in the first usable cache folder.
 *
 * The name ends in the content's SHA-256, so versions live side by side. A file already there is compared
 * byte for byte, and replaced when it differs or when others may write to it. Replacing is a rename: threads
 * and processes that do this at once all end with a whole file, and one that has the old file mapped keeps it.
 *
 * @throws AggregateError with the reason for each folder that was tried.
 */
export function privateCopy(
  bytes: Buffer,
  name: string,
  extension: string,
  folders = cacheFolders(),
): string {
  const hash = createHash('sha256').update(bytes).digest('hex');
  const failures: unknown[] = [];
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const place = lstatSync(folder);
      if (!place.isDirectory() || !isPrivate(place)) throw new Error(`others may write to ${folder}`);
      const path = join(folder, `${name}-${hash}${extension}`);
      if (!holds(path, bytes)) replace(path, bytes);
      return path;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, `no usable cache folder: ${failures.map(String).join('; ')}`);
}

/** $XDG_CACHE_HOME/hotlane or $HOME/.cache/hotlane, then a folder of this user under the temporary folder. */
function cacheFolders(): string[] {
  const { XDG_CACHE_HOME: xdg = '', HOME: home = '' } = process.env;
  // The XDG base directory specification has a relative path ignored.
  const cache = isAbsolute(xdg) ? xdg : join(home, '.cache');
  const temporary = join(tmpdir(), `hotlane-${process.getuid?.()}`);
  return isAbsolute(cache) ? [join(cache, 'hotlane'), temporary] : [temporary];
}

/** Owned by this user and writable by nobody else. */
function isPrivate(stats: Stats): boolean {
  return stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0;
}

function holds(path: string, bytes: Buffer): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && isPrivate(stats) && readFileSync(path).equals(bytes);
}

function replace(path: string, bytes: Buffer): void {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    writeFileSync(unfinished, bytes, { flag: 'wx', mode: 0o400 });
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}
