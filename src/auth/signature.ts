/**
 * Admits calls with hotlane's own signature. What is cheap is checked first, and nothing is remembered of a call before its
 * signature has turned out right:
 *
 *   exactly one header, of the strict form ─► near in time ─► a known key ─► (body) ─► the signature ─► the nonce is new
 */
import type { SignatureRule } from '../core/auth-rules.ts';
import type { Decision, Guard } from '../wire/guard.ts';
import { distrust } from './clock.ts';
import { ADMITTED, refused } from './judgements.ts';
import { oneValue } from './one-value.ts';
import type { SharedAuth } from './shared.ts';
import { readSignatureHeader, SIGNATURE_HEADER, type SignatureHeader } from './signature-header.ts';
import {
  IDENTITY_HEADERS,
  type IdentityValues,
  signedIdentity,
  UNSIGNED_HEADERS,
} from './signed-identity.ts';
import { signedText } from './signed-text.ts';
import { type VerifyKey, verifyKey } from './verify-key.ts';

const UNKNOWN_KEY = refused('there is no key of this id');
const OTHER_KIND = refused('there is no signature of the kind this key makes');
const NOT_PLAIN = refused('path, query or identity are not printable ASCII');
const WRONG = refused('the signature is wrong');

export function signatureGuard({ toleranceS, keys }: SignatureRule, shared: SharedAuth): Guard {
  const known = new Map(
    keys.map((key) => {
      const secret = key.algorithm === 'ed25519' ? key.publicKey : key.secret;
      // By the secret alone: the id is not signed, and two keys of one secret would let a call come twice.
      const nonces = shared.noncesOf('signature', secret, toleranceS);
      return [key.id, { key: verifyKey(key), nonces }];
    }),
  );
  return {
    headers: new Set([SIGNATURE_HEADER, ...IDENTITY_HEADERS, ...UNSIGNED_HEADERS]),
    judge(head) {
      const found = oneValue(head, SIGNATURE_HEADER);
      if (found.kind === 'none') return refused(found.reason);
      const header = readSignatureHeader(found.value);
      if (typeof header === 'string') return refused(header);
      const mistimed = distrust(shared.clock, Number(header.t), toleranceS);
      if (mistimed !== undefined) return refused(mistimed);
      const record = known.get(header.keyId);
      if (record === undefined) return UNKNOWN_KEY;
      if (!record.key.isMeantBy(header)) return OTHER_KIND;
      const identity = signedIdentity(head);
      if (typeof identity === 'string') return refused(identity);
      const { method, target } = head;
      const { key, nonces } = record;
      return {
        kind: 'undecided',
        decide(body) {
          const decision = check(key, header, { method, target, identity, body });
          if (decision.kind === 'refused') return decision;
          const reason = shared.use(nonces, header.nonce);
          return reason === undefined ? ADMITTED : refused(reason);
        },
      };
    },
  };
}

interface Request {
  readonly method: string;
  readonly target: string;
  readonly identity: IdentityValues;
  readonly body: Uint8Array;
}

function check(key: VerifyKey, header: SignatureHeader, request: Request): Decision {
  const text = signedText({ t: header.t, nonce: header.nonce, ...request });
  if (text === undefined) return NOT_PLAIN;
  return key.matches(header, text) ? ADMITTED : WRONG;
}
