/** A key of the signature scheme, ready to check signatures. */
import { createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import type { SignatureKey } from '../core/auth-rules.ts';
import { HmacSha256 } from './hmac-sha256.ts';
import type { SignatureHeader } from './signature-header.ts';

export interface VerifyKey {
  /** True when one of the header's signatures that are of this key's kind is right. The others are not looked at. */
  matches(header: SignatureHeader, text: string): boolean;
  /** Whether the header has a signature of this key's kind. */
  isMeantBy(header: SignatureHeader): boolean;
}

export function verifyKey(key: SignatureKey): VerifyKey {
  switch (key.algorithm) {
    case 'hmac-sha256':
      return hmacKey(new HmacSha256(Buffer.from(key.secret)));
    case 'ed25519':
      return ed25519Key(createPublicKey(key.publicKey));
  }
}

function hmacKey(key: HmacSha256): VerifyKey {
  return {
    isMeantBy: ({ hmacs }) => hmacs.length > 0,
    matches({ hmacs }, text) {
      const expected = key.digest(text);
      let isRight = false;
      for (const one of hmacs) isRight = timingSafeEqual(one, expected) || isRight;
      return isRight;
    },
  };
}

function ed25519Key(publicKey: KeyObject): VerifyKey {
  return {
    isMeantBy: ({ ed25519s }) => ed25519s.length > 0,
    matches: ({ ed25519s }, text) => ed25519s.some((one) => verify(null, Buffer.from(text), publicKey, one)),
  };
}
