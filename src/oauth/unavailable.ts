/**
 * Why there is no answer for now, as a closed set of codes with a sentence that says what to do. None of this ends a
 * grant: what is stored stays as it is, and the same call may succeed later. Messages hold no token, secret, code or key.
 */

const SENTENCES = {
  KEY_MISSING:
    'The stored grant was encrypted with a key that is not configured; put the key back into cozeTokenKeys, or forget the grant.',
  STORE_LOCKED: 'Another process has kept the token store locked for too long; try again.',
  STORE_CORRUPT:
    'The file of the token store is damaged or of another program; it is left as it is: restore it, or move it away.',
  STORE_NEWER: 'The token store was written by a newer version; use that version, or another stateDir.',
  STORE_READ_ONLY: 'The token store cannot be written; put stateDir on a writable file system.',
  STORE_NO_PERMISSION: 'The token store may not be used; give the user of the server the right to.',
  STORE_FULL: 'There is no room left for the token store; free disk space.',
  STORE_DOWN: 'The Redis server that keeps the tokens does not answer; check redisUrl and the server.',
  STORE_FAULTY: 'The token store cannot be used.',
  PROVIDER_DOWN: 'Coze cannot be reached; try again later.',
  PROVIDER_SLOW: 'Coze did not answer in time; try again later.',
  PROVIDER_BUSY: 'Coze asks to come back later; try again later.',
  PROVIDER_FAILED: 'Coze failed to answer; try again later.',
  PROVIDER_UNREADABLE:
    'The answer does not come from Coze’s token endpoint; check cozeRegion, cozeApiUrl and proxies on the way.',
  PROVIDER_REFUSED:
    'Coze refused to refresh the token for a reason that is not known here; the grant is kept. If it lasts, consent again.',
  CLIENT_REFUSED: 'Coze does not accept the OAuth app; check cozeClientId, cozeClientSecret and cozeRegion.',
  TOO_LATE: 'There was no token in the time given; try again.',
  THREAD_ENDED: 'The thread that keeps the tokens has ended or has too much to do; try again later.',
  CLOSED: 'The server is shutting down.',
} as const;

export type UnavailableCode = keyof typeof SENTENCES;

export class Unavailable extends Error {
  readonly code: UnavailableCode;
  /** So many ms the other side wants to be left alone; 0: it has not said. */
  readonly restMs: number;

  /** `detail`: a fact or two for whoever repairs it. Nothing from a request or an answer that may be a secret. */
  constructor(code: UnavailableCode, detail?: string, restMs = 0) {
    super(detail === undefined ? SENTENCES[code] : `${SENTENCES[code]} (${detail})`);
    this.name = 'Unavailable';
    this.code = code;
    this.restMs = restMs;
  }
}
