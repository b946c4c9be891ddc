/**
 * Admits messages signed by https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md:
 * HMAC-SHA256 over `id.timestamp.body`, any number of signatures (`v1,<base64>`), separated by blanks.
 *
 * A message that is sent again keeps its id and gets a new timestamp, so only both together may come once; whoever must not
 * act twice looks at `webhook-id`.
 */
import { timingSafeEqual } from 'node:crypto';
import type { StandardWebhooksRule } from '../core/auth-rules.ts';
import type { Decision, Guard, GuardedHead } from '../wire/guard.ts';
import { distrust } from './clock.ts';
import { HmacSha256 } from './hmac-sha256.ts';
import { ADMITTED, refused } from './judgements.ts';
import { oneValue } from './one-value.ts';
import type { SharedAuth } from './shared.ts';

const HEADERS = { id: 'webhook-id', timestamp: 'webhook-timestamp', signature: 'webhook-signature' } as const;
const PREFIX = 'whsec_';
const TOLERANCE_S = 300;
/** No full stop: what is signed would not say where the id ends. */
const ID = /^[\x21-\x2d\x2f-\x7e]{1,256}$/;
const TIMESTAMP = /^[1-9][0-9]{0,11}$/;
/** Signatures of other versions are passed over, as the standard has it. */
const SIGNATURES = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;
const MOST_SIGNATURES = 16;

const BAD_ID = refused('the id is malformed');
const BAD_TIMESTAMP = refused('the timestamp is malformed');
const NO_SIGNATURE = refused('there is no signature of version 1');
const TOO_MANY = refused(`there are more than ${MOST_SIGNATURES} signatures`);
const WRONG = refused('the signature is wrong');

/** The bytes of a secret as the standard writes it. */
export function webhookSecret(secret: string): Buffer {
  return Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
}

export function standardWebhooksGuard({ secrets }: StandardWebhooksRule, shared: SharedAuth): Guard {
  const keys = secrets.map((secret) => ({
    key: new HmacSha256(webhookSecret(secret)),
    nonces: shared.noncesOf('standard-webhooks', webhookSecret(secret).toString('base64'), TOLERANCE_S),
  }));
  return {
    headers: new Set(Object.values(HEADERS)),
    judge(head) {
      const message = readMessage(head);
      if ('kind' in message) return message;
      const { stamp, timestampS, signatures } = message;
      const mistimed = distrust(shared.clock, timestampS, TOLERANCE_S);
      if (mistimed !== undefined) return refused(mistimed);
      return {
        kind: 'undecided',
        decide(body) {
          const right = keys.filter(({ key }) => isAmong(key.digest(stamp, body), signatures));
          if (right.length === 0) return WRONG;
          // Used with every secret that was right: else it could come again with one of two signatures left out.
          const stores = new Set(right.map(({ nonces }) => nonces));
          const reasons = Array.from(stores, (nonces) => shared.use(nonces, stamp));
          const reason = reasons.find((one) => one !== undefined);
          return reason === undefined ? ADMITTED : refused(reason);
        },
      };
    },
  };
}

interface Message {
  /** `id.timestamp.` */
  readonly stamp: string;
  readonly timestampS: number;
  readonly signatures: readonly Buffer[];
}

function readMessage(head: GuardedHead): Message | Extract<Decision, { kind: 'refused' }> {
  const signature = oneValue(head, HEADERS.signature);
  if (signature.kind === 'none') return refused(signature.reason);
  const id = oneValue(head, HEADERS.id);
  if (id.kind === 'none') return refused(id.reason);
  const timestamp = oneValue(head, HEADERS.timestamp);
  if (timestamp.kind === 'none') return refused(timestamp.reason);
  if (!ID.test(id.value)) return BAD_ID;
  if (!TIMESTAMP.test(timestamp.value)) return BAD_TIMESTAMP;
  const versions = signature.value.split(' ', MOST_SIGNATURES + 1);
  if (versions.length > MOST_SIGNATURES) return TOO_MANY;
  const signatures = versions.flatMap((one) => {
    const [, base64] = SIGNATURES.exec(one) ?? [];
    return base64 === undefined ? [] : [Buffer.from(base64, 'base64')];
  });
  if (signatures.length === 0) return NO_SIGNATURE;
  return {
    stamp: `${id.value}.${timestamp.value}.`,
    timestampS: Number(timestamp.value),
    signatures,
  };
}

function isAmong(expected: Buffer, signatures: readonly Buffer[]): boolean {
  let isThere = false;
  for (const one of signatures) isThere = timingSafeEqual(one, expected) || isThere;
  return isThere;
}
