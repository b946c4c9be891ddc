/**
 * What can go wrong with the store of versions, as a closed set of codes with a sentence that says what to do.
 */

const SENTENCES = {
  NO_SPACE:
    'There is no room for another version; free disk space, or raise the quota or the file size limit.',
  READ_ONLY: 'The folder of versions is on a read-only file system; put it on a writable one.',
  NO_PERMISSION: 'The folder of versions may not be written; give the user of the server the right to.',
  FAULTY: 'The folder of versions cannot be used.',
  UNKNOWN_VERSION: 'No version of this plugin is kept whose hash begins so; ask for the list of versions.',
  AMBIGUOUS_VERSION: 'Several versions of this plugin begin so; give more digits of the hash.',
  SHORT_PREFIX: 'The beginning of a hash needs at least 6 hexadecimal digits.',
  DAMAGED_VERSION: 'The kept copy is no longer what was kept; choose another version.',
} as const;

export type StoreErrorCode = keyof typeof SENTENCES;

const BY_ERRNO: Readonly<Record<string, StoreErrorCode>> = {
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  // A file size limit of the process (setrlimit(2), RLIMIT_FSIZE).
  EFBIG: 'NO_SPACE',
  EROFS: 'READ_ONLY',
  EACCES: 'NO_PERMISSION',
  EPERM: 'NO_PERMISSION',
};

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, detail: string, cause?: unknown) {
    super(`${SENTENCES[code]} (${detail})`, { cause });
    this.name = 'StoreError';
    this.code = code;
  }
}

/** An error of the file system in the store's words. */
export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new StoreError(
    BY_ERRNO[errno] ?? 'FAULTY',
    error instanceof Error ? error.message : String(error),
    error,
  );
}
