/**
 * The SQLite file itself: made if need be, checked to be ours and of a version we know, opened for several processes. A file
 * that is anything else is left as it is.
 */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Unavailable } from './unavailable.ts';

/** "hloa", see https://sqlite.org/pragma.html#pragma_application_id. */
const APPLICATION = 0x68_6c_6f_61;
const SCHEMA_VERSION = 1;
const PAGE_BYTES = 4096;

const SCHEMA = `
  CREATE TABLE grants (subject TEXT PRIMARY KEY, sealed TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE leases (subject TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE pending (id TEXT PRIMARY KEY, sealed TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX pending_until ON pending (until);
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export interface FileOptions {
  /** Bytes that the file does not exceed. */
  readonly largest: number;
  /** How long one statement waits for other processes, in ms. */
  readonly busyMs: number;
}

/** Throws what SQLite and the file system throw, and `Unavailable`. */
export function openFile(path: string, { largest, busyMs }: FileOptions): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  // SQLite gives the files beside it (-wal, -shm) the rights of this one.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path, { timeout: busyMs });
  try {
    if (isNew(database)) inTransaction(database, () => isNew(database) && database.exec(SCHEMA));
    database.exec(`PRAGMA max_page_count = ${Math.floor(largest / PAGE_BYTES)}`);
    inWalMode(database);
    // A pair that is lost with the power has killed the one before it: every write reaches the disk.
    database.exec('PRAGMA synchronous = FULL');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** All of `work`, or nothing of it; no other process writes meanwhile. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk has rolled it back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function isNew(database: DatabaseSync): boolean {
  const version = pragma(database, 'user_version');
  const application = pragma(database, 'application_id');
  if (application === APPLICATION) {
    if (version === SCHEMA_VERSION) return false;
    throw new Unavailable('STORE_NEWER', `its schema has version ${version}, not ${SCHEMA_VERSION}`);
  }
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() ?? {};
  if (application !== 0 || version !== 0 || tables !== 0)
    throw new Unavailable('STORE_CORRUPT', 'it is a database of another program');
  return true;
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

/**
 * The change to a write-ahead log needs the file alone and does not always wait for it, see
 * https://sqlite.org/wal.html#activating_and_configuring_wal_mode; once made, it lasts.
 */
function inWalMode(database: DatabaseSync): void {
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 1; ; attempt++) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      Atomics.wait(still, 0, 0, 25);
    }
  }
}
