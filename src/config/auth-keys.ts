/** Reads a key of the signature scheme. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { SignatureKey } from '../core/auth-rules.ts';
import type { AuthFields } from './auth-fields.ts';

/** Before the 32 bytes of an Ed25519 key in DER: https://www.rfc-editor.org/rfc/rfc8410#section-4 */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const BARE_LENGTH = 32;
const SHORTEST_SECRET = 16;

/** `ids`: those of the keys before, to which this one's is added. */
export function readSignatureKey(fields: AuthFields, ids: Set<string>): SignatureKey {
  const id = fields.text(
    'id',
    /^[A-Za-z0-9._-]{1,64}$/,
    '1 to 64 letters, digits, dots, hyphens or underscores',
  );
  if (id !== '' && ids.has(id))
    fields.complain('id', 'another key has this id; a request could not tell which');
  ids.add(id);
  if (fields.choice('algorithm', ['hmac-sha256', 'ed25519']) === 'hmac-sha256') {
    return { id, algorithm: 'hmac-sha256', secret: fields.secret('secret', secretTrouble) };
  }
  const publicKey = fields.secret('publicKey', (text) =>
    publicKeyOf(text) === undefined ? 'expected an Ed25519 public key, in PEM form or in base64' : undefined,
  );
  const pem = publicKeyOf(publicKey)?.export({ type: 'spki', format: 'pem' });
  return { id, algorithm: 'ed25519', publicKey: String(pem) };
}

function secretTrouble(secret: string): string | undefined {
  return secret.length >= SHORTEST_SECRET
    ? undefined
    : `a secret has at least ${SHORTEST_SECRET} characters, better 32 random bytes in base64`;
}

/** In PEM form, or in base64: its 32 bytes, or what is between the lines of the PEM form. Undefined: it is none. */
function publicKeyOf(text: string): KeyObject | undefined {
  try {
    const key = text.includes('-----BEGIN PUBLIC KEY-----') ? createPublicKey(text) : fromBase64(text);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): KeyObject {
  const bytes = Buffer.from(text, 'base64');
  const der = bytes.length === BARE_LENGTH ? Buffer.concat([SPKI_PREFIX, bytes]) : bytes;
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}
