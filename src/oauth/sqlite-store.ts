/**
 * The store in one SQLite file, for the processes of one machine. Work is synchronous and takes well under a millisecond, or up
 * to a second where another process keeps the file locked: it belongs into a thread of its own.
 *
 * The file is opened when it is first needed, and anew after an error of it: once it is repaired, all goes on.
 */
import type { DatabaseSync } from 'node:sqlite';
import { storeFailure } from './sqlite-failure.ts';
import { type FileOptions, inTransaction, openFile } from './sqlite-file.ts';
import { MOST_PENDING, type Subject, type TokenStore } from './store.ts';
import { Unavailable } from './unavailable.ts';

export interface SqliteStoreOptions extends Partial<FileOptions> {
  readonly mostPending?: number;
}

/** A grant takes about 1 KiB. */
const LARGEST = 1024 * 1024 * 1024;
const BUSY_MS = 1000;

export class SqliteStore implements TokenStore {
  private readonly path: string;
  private readonly options: FileOptions;
  private readonly mostPending: number;
  private database: DatabaseSync | undefined;
  private closed = false;

  constructor(
    path: string,
    { largest = LARGEST, busyMs = BUSY_MS, mostPending = MOST_PENDING }: SqliteStoreOptions = {},
  ) {
    this.path = path;
    this.options = { largest, busyMs };
    this.mostPending = mostPending;
  }

  async readGrant(subject: Subject): Promise<string | undefined> {
    return this.use((database) =>
      textOf(database.prepare('SELECT sealed FROM grants WHERE subject = ?').get(subject)),
    );
  }

  async writeGrant(subject: Subject, sealed: string): Promise<void> {
    this.use((database) =>
      database
        .prepare(
          'INSERT INTO grants (subject, sealed) VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed',
        )
        .run(subject, sealed),
    );
  }

  async replaceGrant(subject: Subject, expected: string, sealed: string): Promise<boolean> {
    return this.use(
      (database) =>
        database
          .prepare('UPDATE grants SET sealed = ? WHERE subject = ? AND sealed IN (?, ?)')
          .run(sealed, subject, expected, sealed).changes === 1,
    );
  }

  async deleteGrant(subject: Subject): Promise<boolean> {
    return this.use(
      (database) => database.prepare('DELETE FROM grants WHERE subject = ?').run(subject).changes === 1,
    );
  }

  async acquireLease(subject: Subject, holder: string, ms: number): Promise<boolean> {
    const now = Date.now();
    return this.use(
      (database) =>
        database
          .prepare(
            `INSERT INTO leases (subject, holder, until) VALUES (?, ?, ?)
             ON CONFLICT DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE leases.until <= ?`,
          )
          .run(subject, holder, now + ms, now).changes === 1,
    );
  }

  async releaseLease(subject: Subject, holder: string): Promise<void> {
    this.use((database) =>
      database.prepare('DELETE FROM leases WHERE subject = ? AND holder = ?').run(subject, holder),
    );
  }

  async writePending(id: string, sealed: string, ms: number): Promise<void> {
    const now = Date.now();
    this.use((database) =>
      inTransaction(database, () => {
        database.prepare('DELETE FROM pending WHERE until <= ?').run(now);
        database
          .prepare('INSERT INTO pending (id, sealed, until) VALUES (?, ?, ?)')
          .run(id, sealed, now + ms);
        database
          .prepare(
            'DELETE FROM pending WHERE id IN (SELECT id FROM pending ORDER BY until DESC LIMIT -1 OFFSET ?)',
          )
          .run(this.mostPending);
      }),
    );
  }

  async takePending(id: string): Promise<string | undefined> {
    return this.use((database) =>
      textOf(database.prepare('DELETE FROM pending WHERE id = ? RETURNING sealed').get(id)),
    );
  }

  async check(): Promise<void> {
    this.use((database) =>
      inTransaction(database, () => database.prepare('SELECT count(*) FROM leases').get()),
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    this.letGo();
  }

  private use<Result>(work: (database: DatabaseSync) => Result): Result {
    if (this.closed) throw new Unavailable('CLOSED');
    try {
      this.database ??= openFile(this.path, this.options);
      return work(this.database);
    } catch (error) {
      const failure = storeFailure(error, this.path);
      if (failure.code !== 'STORE_LOCKED') this.letGo();
      throw failure;
    }
  }

  private letGo(): void {
    const { database } = this;
    this.database = undefined;
    database?.close();
  }
}

function textOf(row: Readonly<Record<string, unknown>> | undefined): string | undefined {
  return typeof row?.['sealed'] === 'string' ? row['sealed'] : undefined;
}
