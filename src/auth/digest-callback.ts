/**
 * Admits events as Coze and as Lark (Feishu) sign them: a hexadecimal digest of timestamp, nonce, secret and body, one behind
 * the other.
 *
 *   coze-callback   SHA-1     X-Coze-Timestamp in ms, X-Coze-Nonce, X-Coze-Signature
 *   lark            SHA-256   X-Lark-Request-Timestamp in s, X-Lark-Request-Nonce, X-Lark-Signature
 *     https://open.feishu.cn/document/event-subscription-guide/event-subscriptions/event-subscription-configure-/encrypt-key-encryption-configuration-case
 *
 * Two weaknesses of the form are met here. Nothing separates the parts, so the timestamp must have its exact number of digits.
 * And whoever has seen a digest can go on from it to that of a longer body, without the secret; what has to follow the old
 * body then begins with the byte 80, which is not UTF-8 there.
 */
import { isUtf8 } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import type { CozeCallbackRule, LarkRule } from '../core/auth-rules.ts';
import type { Decision, Guard, GuardedHead } from '../wire/guard.ts';
import { distrust } from './clock.ts';
import { digest } from './digest.ts';
import { ADMITTED, refused } from './judgements.ts';
import { oneValue } from './one-value.ts';
import type { SharedAuth } from './shared.ts';

interface Scheme {
  readonly algorithm: 'sha1' | 'sha256';
  readonly headers: { readonly timestamp: string; readonly nonce: string; readonly signature: string };
  readonly timestamp: RegExp;
  readonly unitsPerSecond: number;
  readonly signature: RegExp;
}

const COZE: Scheme = {
  algorithm: 'sha1',
  headers: { timestamp: 'x-coze-timestamp', nonce: 'x-coze-nonce', signature: 'x-coze-signature' },
  timestamp: /^[1-9][0-9]{12}$/,
  unitsPerSecond: 1000,
  signature: /^[0-9a-f]{40}$/,
};

const LARK: Scheme = {
  algorithm: 'sha256',
  headers: {
    timestamp: 'x-lark-request-timestamp',
    nonce: 'x-lark-request-nonce',
    signature: 'x-lark-signature',
  },
  timestamp: /^[1-9][0-9]{9}$/,
  unitsPerSecond: 1,
  signature: /^[0-9a-f]{64}$/,
};

const TOLERANCE_S = 300;
const NONCE = /^[\x21-\x7e]{1,128}$/;

const BAD_TIMESTAMP = refused('the timestamp is malformed');
const BAD_NONCE = refused('the nonce is malformed');
const BAD_SIGNATURE = refused('the signature is malformed');
const NOT_TEXT = refused('the body is not UTF-8');
const WRONG = refused('the signature is wrong');

/**
 * `replays`: whether the same message may come twice. Where whoever gets it knows an event that it has seen, it may: the
 * sender repeats what was not answered, and that must not be refused.
 */
export function callbackGuard(
  rule: CozeCallbackRule | LarkRule,
  shared: SharedAuth,
  replays: 'refused' | 'taken' = 'refused',
): Guard {
  const scheme = rule.type === 'lark' ? LARK : COZE;
  const secret = rule.type === 'lark' ? rule.encryptKey : rule.token;
  const secretBytes = Buffer.from(secret);
  const nonces = shared.noncesOf(rule.type, secret, TOLERANCE_S);
  return {
    headers: new Set(Object.values(scheme.headers)),
    judge(head) {
      const stamp = readStamp(head, scheme);
      if ('kind' in stamp) return stamp;
      const { timestamp, nonce, signature } = stamp;
      const mistimed = distrust(shared.clock, Number(timestamp) / scheme.unitsPerSecond, TOLERANCE_S);
      if (mistimed !== undefined) return refused(mistimed);
      return {
        kind: 'undecided',
        decide(body) {
          const message = Buffer.concat([Buffer.from(timestamp + nonce), secretBytes, body]);
          const expected = digest(scheme.algorithm, message);
          if (!timingSafeEqual(signature, expected)) return WRONG;
          if (!isUtf8(body)) return NOT_TEXT;
          const reason = replays === 'taken' ? undefined : shared.use(nonces, timestamp + nonce);
          return reason === undefined ? ADMITTED : refused(reason);
        },
      };
    },
  };
}

interface Stamp {
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: Buffer;
}

function readStamp(head: GuardedHead, scheme: Scheme): Stamp | Extract<Decision, { kind: 'refused' }> {
  const signature = oneValue(head, scheme.headers.signature);
  if (signature.kind === 'none') return refused(signature.reason);
  const timestamp = oneValue(head, scheme.headers.timestamp);
  if (timestamp.kind === 'none') return refused(timestamp.reason);
  const nonce = oneValue(head, scheme.headers.nonce);
  if (nonce.kind === 'none') return refused(nonce.reason);
  if (!scheme.signature.test(signature.value)) return BAD_SIGNATURE;
  if (!scheme.timestamp.test(timestamp.value)) return BAD_TIMESTAMP;
  if (!NONCE.test(nonce.value)) return BAD_NONCE;
  return {
    timestamp: timestamp.value,
    nonce: nonce.value,
    signature: Buffer.from(signature.value, 'hex'),
  };
}
