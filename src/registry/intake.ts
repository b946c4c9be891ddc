/**
 * Takes one plugin in: reads it whole, at a moment when nobody is writing it, and has a copy kept.
 *
 *   lock? ─► look ─► as at the last time? ─► quiet, not empty, nobody writing? ─► read ─► look again ─► keep
 *
 * The second look must see what the first saw, or what was read may be a mix of old and new.
 */
import { readFile } from 'node:fs/promises';
import type { PluginFailure } from '../wire/catalogue.ts';
import { type ContentFile, contentOf, type PluginContent } from './content.ts';
import { openForWriting } from './open-writers.ts';
import { packageForCopy } from './package-scope.ts';
import { indexAmong, type PluginPath } from './plugin-paths.ts';
import { lookAt, type SeenFile, type Tree, unreadable } from './tree.ts';
import type { KeptVersion } from './version-store.ts';
import { LOCK_FILE, type WriteLocks } from './write-lock.ts';

/**
 * Milliseconds during which a file that somebody has open for writing counts as being written. One that has not
 * changed for longer belongs to a program that keeps it open, such as a database.
 */
const OPEN_WRITER_MS = 10_000;
/**
 * On a file system whose times are coarse (2 s on FAT) a second change may leave no trace in the fingerprint. What is
 * read so soon after a change is read once more when so many milliseconds have passed. Git calls such entries racy.
 */
const COARSEST_TIME_MS = 2_000;

export type Outcome =
  | { readonly state: 'kept'; readonly name: string; readonly version: KeptVersion }
  /** Somebody is writing, or may be. Look again soon. */
  | { readonly state: 'unsettled'; readonly name: string; readonly reason: string }
  | { readonly state: 'failed'; readonly name: string; readonly failure: PluginFailure };

/** Makes an immutable copy. What it rejects with becomes the plugin's failure, and it is asked again next time. */
export type Keep = (content: PluginContent) => Promise<KeptVersion>;

export interface IntakeOptions {
  readonly keep: Keep;
  /** A plugin that changed less than this ago is unsettled; milliseconds. */
  readonly settleMs: number;
  readonly locks: WriteLocks;
}

interface Moment {
  /** Unix milliseconds, to compare with the times of files. */
  readonly clock: number;
  /** Milliseconds of a clock that nobody sets. */
  readonly steady: number;
}

/** What was last taken in. */
interface Known {
  readonly fingerprint: string;
  readonly version: KeptVersion;
  /** By the steady clock: from then on the fingerprint is not trusted. */
  readonly readAgainAt: number;
}

export class Intake {
  private readonly plugin: PluginPath;
  private readonly options: IntakeOptions;
  /** The last fingerprint seen, and since when, by a clock that nobody sets. */
  private seen: { readonly fingerprint: string; readonly since: number } | undefined;
  private known: Known | undefined;

  constructor(plugin: PluginPath, options: IntakeOptions) {
    this.plugin = plugin;
    this.options = options;
  }

  /** Never rejects. With `force`, everything is read even if it seems unchanged. */
  async take(force: boolean): Promise<Outcome> {
    const { kind, name, path } = this.plugin;
    if (kind === 'folder' && this.options.locks.isHeld(path))
      return { state: 'unsettled', name, reason: `it has a ${LOCK_FILE}` };
    try {
      return await this.takeUnlocked(force);
    } catch (error) {
      return failed(name, error);
    }
  }

  private async takeUnlocked(force: boolean): Promise<Outcome> {
    const { name } = this.plugin;
    const lookedAt = { clock: Date.now(), steady: performance.now() };
    const tree = await lookAt(this.plugin);
    const { fingerprint, changedMs } = tree;
    const { known } = this;
    if (!force && known?.fingerprint === fingerprint && lookedAt.steady < known.readAgainAt)
      return { state: 'kept', name, version: known.version };
    const reason = this.whyRestless(tree, lookedAt) ?? (await whyUnfinished(tree, this.entryOf(tree)));
    if (reason !== undefined) return { state: 'unsettled', name, reason };

    const files = await readAll(tree);
    if (files === undefined || (await lookAt(this.plugin)).fingerprint !== fingerprint)
      return { state: 'unsettled', name, reason: 'it changed while it was read' };

    const version = await this.options.keep(await contentOf(name, this.entryOf(tree).path, files));
    const isRacy = Math.abs(lookedAt.clock - changedMs) <= COARSEST_TIME_MS;
    this.known = {
      fingerprint,
      version,
      readAgainAt: isRacy ? lookedAt.steady + COARSEST_TIME_MS : Infinity,
    };
    return { state: 'kept', name, version };
  }

  private entryOf({ files }: Tree): SeenFile {
    const { file, kind } = this.plugin;
    const path = kind === 'file' ? file : indexAmong(files.map((one) => one.path));
    const entry = files.find((one) => one.path === path);
    if (entry === undefined) throw new Error(`${path} is missing`);
    return entry;
  }

  /**
   * Quiet is what is old enough by the file system's clock, or has been seen unchanged for long enough by ours: the
   * file system's may be ahead, and a file may be dated in the future.
   */
  private whyRestless({ fingerprint, changedMs }: Tree, lookedAt: Moment): string | undefined {
    if (this.seen?.fingerprint !== fingerprint) this.seen = { fingerprint, since: performance.now() };
    const { settleMs } = this.options;
    const isQuiet = lookedAt.clock - changedMs >= settleMs || lookedAt.steady - this.seen.since >= settleMs;
    return isQuiet ? undefined : 'it changed a moment ago';
  }
}

export function failed(name: string, error: unknown): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  return { state: 'failed', name, failure: { name, reason, stack: undefined } };
}

/** For how a plugin looks when it is quiet but not whole. */
async function whyUnfinished({ files }: Tree, entry: SeenFile): Promise<string | undefined> {
  // Editors and copying programs cut a file off before they fill it.
  if (entry.size === 0) return `${entry.path} is empty`;
  const recent = files.filter(({ changedMs }) => Date.now() - changedMs < OPEN_WRITER_MS);
  const open = await openForWriting(new Set(recent.map(({ real }) => real)));
  return open === undefined ? undefined : `${open} is open for writing`;
}

/** Undefined: a file is no longer as long as it was. One after the other, so that few files are open at a time. */
async function readAll({ files, packageAbove }: Tree): Promise<ContentFile[] | undefined> {
  const read: ContentFile[] = [];
  for (const { path, real, size, isExecutable } of files) {
    const bytes = await readFile(real).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    if (bytes.length !== size) return undefined;
    read.push({ path, isExecutable, bytes });
  }
  if (!files.some(({ path }) => path === 'package.json')) {
    const text = await packageForCopy(packageAbove).catch((error: unknown) => {
      throw unreadable('the package.json above the plugin', error);
    });
    read.push({ path: 'package.json', isExecutable: false, bytes: new TextEncoder().encode(text) });
  }
  return read.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
