/**
 * What has happened to which version and why, as a file of JSON lines that outlives the process. Lines are only
 * ever added. At its largest size the file is renamed to `<path>.1`, in place of the one before.
 *
 * One process writes, one write at a time. A line is there when its line feed is: a torn one, left by a crash or a
 * full disk, is not read, and is cut off before the next is added.
 */
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { linesFromEnd, wholeLength } from './lines-from-end.ts';
import { MOVES, type Transition } from './version-state.ts';

/** One line: a transition and when it was, ISO 8601 in UTC. */
export interface JournalEntry extends Transition {
  readonly time: string;
}

const LARGEST = 10 * 1024 * 1024;

export interface JournalOptions {
  /** Gets every error of the disk, once for each entry that is not in the file. Must not throw. */
  readonly onError: (error: unknown) => void;
  /** Size in bytes that a file does not exceed. */
  readonly largest?: number;
}

export class AuditJournal {
  private readonly path: string;
  private readonly onError: (error: unknown) => void;
  private readonly largest: number;
  private file: FileHandle | undefined;
  /** Bytes of the whole lines in the file. */
  private size = 0;
  private unwritten: string[] = [];
  private last: Promise<unknown> = Promise.resolve();

  constructor(path: string, { onError, largest = LARGEST }: JournalOptions) {
    this.path = path;
    this.onError = onError;
    this.largest = largest;
  }

  /** Returns at once and never throws; entries reach the file in the order of the calls. */
  append({ plugin, version, hash, from, to, cause }: Transition): void {
    const time = new Date().toISOString();
    const entry: JournalEntry = { time, plugin, version, hash, from, to, cause };
    this.unwritten.push(`${JSON.stringify(entry)}\n`);
    // The write that waits for its turn takes this line along.
    if (this.unwritten.length === 1) void this.inTurn(() => this.write());
  }

  /** The last entries, the oldest of them first; [] also when the disk fails. */
  async read(count: number): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    await this.inTurn(async () => {
      for (const path of [this.path, `${this.path}.1`]) await readLast(path, count, entries);
    });
    return entries.toReversed();
  }

  /** Resolves when all entries are in the file, or reported. A later append opens the file again. */
  close(): Promise<void> {
    return this.inTurn(() => this.closeFile());
  }

  /** After everything asked for before. Never rejects. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.last.then(work).catch((error: unknown) => this.onError(error));
    this.last = done;
    return done;
  }

  private async write(): Promise<void> {
    const lines = this.unwritten;
    this.unwritten = [];
    for (const line of lines) await this.writeLine(Buffer.from(line)).catch(this.onError);
  }

  private async writeLine(line: Buffer): Promise<void> {
    const file = await this.fileWithRoomFor(line.length);
    try {
      await file.appendFile(line);
      this.size += line.length;
    } catch (error) {
      // Opened anew, and repaired, for the next line.
      await this.closeFile();
      throw error;
    }
  }

  private async fileWithRoomFor(length: number): Promise<FileHandle> {
    const file = await this.openFile();
    if (this.size === 0 || this.size + length <= this.largest) return file;
    await this.closeFile();
    await rename(this.path, `${this.path}.1`);
    return this.openFile();
  }

  private async openFile(): Promise<FileHandle> {
    if (this.file !== undefined) return this.file;
    await mkdir(dirname(this.path), { recursive: true });
    const file = await open(this.path, 'a+');
    try {
      this.size = await wholeLength(file);
      await file.truncate(this.size);
    } catch (error) {
      await file.close();
      throw error;
    }
    this.file = file;
    return file;
  }

  private async closeFile(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }
}

/** Adds to `entries`, the newest first, until there are `count`. */
async function readLast(path: string, count: number, entries: JournalEntry[]): Promise<void> {
  if (entries.length >= count) return;
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  try {
    for await (const line of linesFromEnd(file)) {
      const entry = entryOf(line);
      if (entry !== undefined) entries.push(entry);
      if (entries.length >= count) return;
    }
  } finally {
    await file.close();
  }
}

/** Undefined: somebody else has written into the file. */
function entryOf(line: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  return (
    ['time', 'plugin', 'version', 'hash', 'cause'].every((key) => typeof members.get(key) === 'string') &&
    ['from', 'to'].every((key) => Object.hasOwn(MOVES, String(members.get(key))))
  );
}
