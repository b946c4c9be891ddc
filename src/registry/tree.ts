/**
 * Looks at all files of a plugin without reading them: where they really lie, and the fingerprint that tells whether
 * anything may have changed since.
 */
import { hash } from 'node:crypto';
import { type BigIntStats, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TimeSlice } from '../core/time-slice.ts';
import { packageAbove } from './package-scope.ts';
import { isSkipped, type PluginPath } from './plugin-paths.ts';

export const MOST_FILES = 10_000;
/** Bytes of all files of a plugin together. */
export const MOST_BYTES = 64 * 1024 * 1024;

export interface SeenFile {
  /** Below the plugin, with `/` on every system; of a plugin that is one file, its name. */
  readonly path: string;
  /** Absolute, links resolved. */
  readonly real: string;
  readonly size: number;
  readonly isExecutable: boolean;
  /** When its bytes, its name or its rights last changed; Unix milliseconds by the clock of the file system. */
  readonly changedMs: number;
}

export interface Tree {
  /** In the order of their paths' code units. */
  readonly files: readonly SeenFile[];
  /** The package.json that Node would go by for a plugin without one of its own; undefined: none of these. */
  readonly packageAbove: string | undefined;
  /**
   * Over path, real path, inode, size and times of every file and folder. A replaced folder of links
   * (`..data` of a Kubernetes volume) shows in the real paths and in the times of the folder that has the links.
   */
  readonly fingerprint: string;
  /** The newest change of all files and folders. */
  readonly changedMs: number;
}

/** Rejects with a sentence for the plugin's author: a file that cannot be looked at, too many, too large. */
export async function lookAt(plugin: PluginPath): Promise<Tree> {
  const look = new Look();
  const real = named(plugin.file, () => realpathSync.native(plugin.path));
  if (plugin.kind === 'folder') await look.folder('', real, []);
  else look.file(plugin.file, real, statOf(plugin.file, real));
  return look.finish(dirname(real));
}

class Look {
  private readonly files: SeenFile[] = [];
  private readonly marks: string[] = [];
  private bytes = 0;
  private changedMs = 0;
  private readonly slice = new TimeSlice();

  /** `above`: the real paths of the folders this one lies in. */
  async folder(path: string, real: string, above: readonly string[]): Promise<void> {
    if (above.includes(real)) throw new Error(`${path} is a link to a folder that it lies in`);
    // Before its list is read: what changes from here on shows when the look is repeated.
    this.mark(`${path}/`, real, statOf(path, real));
    for (const entry of named(path, () => readdirSync(real, { withFileTypes: true }))) {
      if (isSkipped(entry.name) || isLeftOut(entry.name)) continue;
      if (this.slice.isOver) await this.slice.next();
      const below = path === '' ? entry.name : `${path}/${entry.name}`;
      const plain = join(real, entry.name);
      const target = entry.isSymbolicLink() ? named(below, () => realpathSync.native(plain)) : plain;
      const stats = statOf(below, target);
      if (stats.isDirectory()) await this.folder(below, target, [...above, real]);
      // Sockets and pipes are no code, and reading one would wait for ever.
      else if (stats.isFile()) this.file(below, target, stats);
    }
  }

  file(path: string, real: string, stats: BigIntStats): void {
    if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
    this.bytes += Number(stats.size);
    if (this.files.length >= MOST_FILES) throw tooMany();
    if (this.bytes > MOST_BYTES) throw tooLarge();
    this.files.push({
      path,
      real,
      size: Number(stats.size),
      isExecutable: (stats.mode & 0o100n) !== 0n,
      changedMs: this.mark(path, real, stats),
    });
  }

  /** `parent`: the folder above the plugin. */
  finish(parent: string): Tree {
    const files = this.files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const isOwn = files.some(({ path }) => path === 'package.json');
    const above = isOwn ? undefined : packageAbove(parent);
    if (above !== undefined) this.mark('../package.json', above.path, above.stats);
    return {
      files,
      packageAbove: above?.path,
      fingerprint: hash('sha256', JSON.stringify(this.marks.toSorted())),
      changedMs: this.changedMs,
    };
  }

  private mark(path: string, real: string, { ino, size, mode, mtimeNs, ctimeNs }: BigIntStats): number {
    this.marks.push(JSON.stringify([path, real, ...[ino, size, mode, mtimeNs, ctimeNs].map(String)]));
    const changedMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n);
    this.changedMs = Math.max(this.changedMs, changedMs);
    return changedMs;
  }
}

/** Tests are not loaded with the plugin, and editors keep the old text of a file under its name and `~`. */
function isLeftOut(file: string): boolean {
  return /\.test\.[^.]+$/.test(file) || file.endsWith('~');
}

function statOf(path: string, real: string): BigIntStats {
  return named(path, () => statSync(real, { bigint: true }));
}

function named<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unreadable(path === '' ? 'the folder' : path, error);
  }
}

/** An error that names the file as its author knows it. */
export function unreadable(path: string, cause: unknown): Error {
  return new Error(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}

function tooMany(): Error {
  return new Error(`the plugin has more than ${MOST_FILES} files; move what is not code elsewhere`);
}

function tooLarge(): Error {
  const mebibytes = MOST_BYTES / 1024 / 1024;
  return new Error(`the plugin's files are larger than ${mebibytes} MiB together; move data elsewhere`);
}
