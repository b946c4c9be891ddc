/**
 * SQLite's errors in the store's words. Result codes: https://sqlite.org/rescode.html
 */
import { Unavailable, type UnavailableCode } from './unavailable.ts';

/** By primary result code: the low eight bits. */
const BY_RESULT: Readonly<Record<number, UnavailableCode>> = {
  3: 'STORE_NO_PERMISSION', // SQLITE_PERM
  5: 'STORE_LOCKED', // SQLITE_BUSY
  6: 'STORE_LOCKED', // SQLITE_LOCKED
  8: 'STORE_READ_ONLY', // SQLITE_READONLY
  11: 'STORE_CORRUPT', // SQLITE_CORRUPT
  13: 'STORE_FULL', // SQLITE_FULL
  14: 'STORE_NO_PERMISSION', // SQLITE_CANTOPEN
  26: 'STORE_CORRUPT', // SQLITE_NOTADB
};

const BY_ERRNO: Readonly<Record<string, UnavailableCode>> = {
  EACCES: 'STORE_NO_PERMISSION',
  EPERM: 'STORE_NO_PERMISSION',
  EROFS: 'STORE_READ_ONLY',
  ENOSPC: 'STORE_FULL',
  EDQUOT: 'STORE_FULL',
};

/** An error of SQLite or the file system; `file` is named in the message. */
export function storeFailure(error: unknown, file: string): Unavailable {
  if (error instanceof Unavailable) return error;
  if (!(error instanceof Error)) return new Unavailable('STORE_FAULTY', file);
  // SQLite's own texts name tables and conditions, never values.
  const detail = `${file}: ${error.message}`;
  if ('errcode' in error && typeof error.errcode === 'number')
    return new Unavailable(BY_RESULT[error.errcode & 0xff] ?? 'STORE_FAULTY', detail);
  const errno = 'code' in error ? String(error.code) : '';
  return new Unavailable(BY_ERRNO[errno] ?? 'STORE_FAULTY', detail);
}
