/**
 * The keys that encrypt what is stored, and the encryption: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits.
 *
 *   sealed text: <key id>.<nonce>.<ciphertext and tag>, the last two in base64url
 *
 * The first key encrypts, every key decrypts: a key is changed by putting a new one in front, and dropped once no record is of
 * it any more (each write of a record encrypts it anew). A record is bound to its place: it cannot be opened as that of
 * another user, region or purpose.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { SettingProblem } from './setting-problem.ts';
import { Unavailable } from './unavailable.ts';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
/** 32 bytes in either alphabet of RFC 4648, with or without padding. */
const KEY_TEXT = /^[A-Za-z0-9+/_-]{43}=?$/;

export class KeyRing {
  readonly #first: string;
  /** Inspecting a KeyObject shows nothing of the key. */
  readonly #keys: ReadonlyMap<string, KeyObject>;

  constructor(first: string, keys: ReadonlyMap<string, KeyObject>) {
    this.#first = first;
    this.#keys = keys;
  }

  /** `place`: what the record is and whose; needed again to open it. */
  seal(text: string, place: readonly string[]): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key(this.#first), nonce);
    cipher.setAAD(boundTo(this.#first, place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [this.#first, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
  }

  /** @throws Unavailable KEY_MISSING: an unknown key, another key of the same id, or a record that was changed or moved. */
  open(sealed: string, place: readonly string[]): string {
    const [id = '', nonceText = '', sealedText = ''] = sealed.split('.');
    const nonce = Buffer.from(nonceText, 'base64url');
    const bytes = Buffer.from(sealedText, 'base64url');
    const key = this.#key(id);
    if (nonce.length !== NONCE_BYTES || bytes.length < TAG_BYTES) throw unreadable();
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(id, place));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw unreadable();
    }
  }

  /** A key of 32 bytes for another purpose from each key (RFC 5869), that of the first one first. It tells nothing of its origin. */
  derived(purpose: string): readonly KeyObject[] {
    return [...this.#keys.values()].map((key) =>
      createSecretKey(Buffer.from(hkdfSync('sha256', key, '', purpose, KEY_BYTES))),
    );
  }

  #key(id: string): KeyObject {
    const key = this.#keys.get(id);
    if (key === undefined) throw new Unavailable('KEY_MISSING', 'no key has the id of the record');
    return key;
  }
}

function unreadable(): Unavailable {
  return new Unavailable('KEY_MISSING', 'the key of this id is another one, or the record was changed');
}

function boundTo(id: string, place: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([id, ...place]));
}

/**
 * Reads `<id>:<32 bytes in base64>[,…]`. Problems name a key by its number: what stands where an id should be may be a key.
 *
 * @throws SettingProblem
 */
export function readKeys(text: string): KeyRing {
  const keys = new Map<string, KeyObject>();
  const entries = text.split(',').map((entry) => entry.trim());
  for (const [index, entry] of entries.entries()) {
    const [id = '', keyText = '', ...more] = entry.split(':');
    const problem = (what: string): SettingProblem =>
      new SettingProblem('cozeTokenKeys', `cozeTokenKeys: key ${index + 1} of ${entries.length} ${what}`);
    if (keyText === '' || more.length > 0)
      throw problem('must be <id>:<32 bytes in base64>; make one with: openssl rand -base64 32');
    if (!KEY_ID.test(id))
      throw problem('must have an id of 1 to 32 letters, digits, - or _ before the colon');
    if (!KEY_TEXT.test(keyText))
      throw problem('must have 32 bytes in base64 after the colon; make them with: openssl rand -base64 32');
    if (keys.has(id)) throw problem('has the id of a key before it; give each its own');
    const bytes = Buffer.from(keyText, 'base64');
    if (bytes.length !== KEY_BYTES) throw problem('must have 32 bytes in base64 after the colon');
    keys.set(id, createSecretKey(bytes));
  }
  const [first = ''] = keys.keys();
  return new KeyRing(first, keys);
}
