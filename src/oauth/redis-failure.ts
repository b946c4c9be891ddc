/**
 * What a Redis server or the way to it refuses, in the store's words. Of an error reply only its first word is told: the rest may
 * repeat what was sent. The words: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
import { Unavailable, type UnavailableCode } from './unavailable.ts';

const BY_WORD: Readonly<Record<string, UnavailableCode>> = {
  NOAUTH: 'STORE_NO_PERMISSION',
  WRONGPASS: 'STORE_NO_PERMISSION',
  NOPERM: 'STORE_NO_PERMISSION',
  READONLY: 'STORE_READ_ONLY',
  OOM: 'STORE_FULL',
  MISCONF: 'STORE_FULL',
};

export function redisFailure(error: unknown): Unavailable {
  if (error instanceof Unavailable) return error;
  if (!(error instanceof Error)) return new Unavailable('STORE_DOWN');
  const [word] = /^[A-Z]{2,}\b/.exec(error.message) ?? [];
  if (word !== undefined) return new Unavailable(BY_WORD[word] ?? 'STORE_DOWN', word);
  // The library's own errors are told apart by their classes.
  return new Unavailable('STORE_DOWN', 'code' in error ? String(error.code) : error.constructor.name);
}
