/** Makes hotlane's own signature, for those who call a plugin. */
import {
  createHmac,
  createPrivateKey,
  createSecretKey,
  type KeyObject,
  randomBytes,
  sign as signWith,
} from 'node:crypto';
import type { IdentityValues } from './signed-identity.ts';
import { signedText } from './signed-text.ts';

/** What signs. Made once for many signatures. */
export interface SigningKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** `secret` is an Ed25519 private key in PEM form, else the secret of an HMAC. Throws a TypeError for any other PEM. */
export function signingKey(id: string, secret: string): SigningKey {
  if (!secret.includes('-----BEGIN')) return { id, key: createSecretKey(secret, 'utf8') };
  const key = ed25519(secret);
  if (key === undefined) throw new TypeError('it is no Ed25519 private key in PEM form');
  return { id, key };
}

function ed25519(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

export interface RequestToSign {
  /** In capitals. */
  readonly method: string;
  /** Path and query, exactly as they will be sent. */
  readonly target: string;
  readonly identity: IdentityValues;
  readonly body: Uint8Array;
}

/**
 * The value of `X-Coze-Plugin-Signature`. `unixS`: now, in whole seconds. Throws a RangeError when path, query or identity
 * hold anything but printable ASCII.
 */
export function signRequest(
  { id, key }: SigningKey,
  request: RequestToSign,
  unixS: number,
  nonce: string = randomBytes(16).toString('base64url'),
): string {
  const text = signedText({ ...request, t: String(unixS), nonce });
  if (text === undefined) {
    throw new RangeError('Path, query and identity must be printable ASCII; encode them first.');
  }
  const signature =
    key.type === 'secret'
      ? `v1=${createHmac('sha256', key).update(text).digest('hex')}`
      : `v1e=${signWith(null, Buffer.from(text), key).toString('base64')}`;
  return `t=${unixS},n=${nonce},kid=${id},${signature}`;
}
