/**
 * What it costs to ask who may call: a plugin's guard, from the head to the decision, with a body of 300 bytes and the identity
 * headers of a real call. All messages are made beforehand, each with a nonce of its own.
 */
import { createHash, createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { makeGuard } from '../../src/auth/make-guard.ts';
import { SharedAuth } from '../../src/auth/shared.ts';
import { signingKey, signRequest } from '../../src/auth/sign.ts';
import type { AuthRule } from '../../src/core/auth-rules.ts';
import type { Part } from './parts.ts';

const TARGET = '/p/weather/current?units=metric';
const IDENTITY = ['7342866812345678901', '7342866812345678902', '1001'] as const;
const BODY = Buffer.from(JSON.stringify({ text: 'x'.repeat(289) }));
const SECRET = randomBytes(32).toString('base64');
/** Few, since each needs a message; hundreds of microseconds go into some of them. */
const TIMES = 4000;

type Headers = Readonly<Record<string, string>>;

interface Scheme {
  readonly name: string;
  readonly rule: AuthRule;
  /** The headers of one call at this Unix time. */
  readonly headers: (unixS: number) => Headers;
  readonly expected: 'admitted' | 'refused';
}

/** All schemes, each with a guard of its own. */
export function authParts(): readonly Part[] {
  return schemes().map(partOf);
}

function partOf({ name, rule, headers, expected }: Scheme): Part {
  const guard = makeGuard([rule], new SharedAuth());
  let heads: readonly ReadonlyMap<string, readonly string[]>[] = [];
  return {
    name: `auth: ${name}`,
    times: TIMES,
    prepare: (times) => {
      const unixS = Math.floor(Date.now() / 1000);
      heads = Array.from({ length: times }, () => headMap(headers(unixS)));
    },
    run: (times) => {
      for (let time = 0; time < times; time++) {
        const values = heads[time];
        if (values === undefined) throw new Error('a message is missing');
        const judgement = guard.judge({
          method: 'POST',
          target: TARGET,
          values: (header) => values.get(header) ?? [],
        });
        const decision = judgement.kind === 'undecided' ? judgement.decide(BODY) : judgement;
        if (decision.kind !== expected) throw new Error(`${name}: ${decision.kind}`);
      }
    },
  };
}

/** As the front keeps them. */
function headMap(headers: Headers): ReadonlyMap<string, readonly string[]> {
  const [bot, conversation, user] = IDENTITY;
  const all = {
    'x-coze-bot-id': bot,
    'x-coze-conversation-id': conversation,
    'x-coze-user-id': user,
    ...headers,
  };
  // As header values come, each a string of its own and none a part of another.
  return new Map(Object.entries(all).map(([name, value]) => [name, [Buffer.from(value).toString('latin1')]]));
}

function schemes(): readonly Scheme[] {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = (key: typeof publicKey, type: 'spki' | 'pkcs8'): string =>
    String(key.export({ type, format: 'pem' }));
  const hmac = signingKey('k1', SECRET);
  const ed25519 = signingKey('k1', pem(privateKey, 'pkcs8'));
  const nonce = (): string => randomBytes(16).toString('base64url');
  const signed = (key: typeof hmac, unixS: number, body: Buffer): Headers => ({
    'x-coze-plugin-signature': signRequest(
      key,
      { method: 'POST', target: TARGET, identity: IDENTITY, body },
      unixS,
    ),
  });
  const signature: AuthRule = {
    type: 'signature',
    toleranceS: 300,
    keys: [{ id: 'k1', algorithm: 'hmac-sha256', secret: SECRET }],
  };
  return [
    {
      name: 'service token, one of two',
      rule: { type: 'service-token', name: 'X-Service-Token', place: 'header', tokens: ['another', SECRET] },
      headers: () => ({ 'x-service-token': SECRET }),
      expected: 'admitted',
    },
    {
      name: 'signature, HMAC-SHA256',
      rule: signature,
      headers: (unixS) => signed(hmac, unixS, BODY),
      expected: 'admitted',
    },
    {
      name: 'signature, HMAC-SHA256, of another body',
      rule: signature,
      headers: (unixS) => signed(hmac, unixS, Buffer.alloc(0)),
      expected: 'refused',
    },
    {
      name: 'signature, Ed25519',
      rule: {
        ...signature,
        keys: [{ id: 'k1', algorithm: 'ed25519', publicKey: pem(publicKey, 'spki') }],
      },
      headers: (unixS) => signed(ed25519, unixS, BODY),
      expected: 'admitted',
    },
    {
      name: 'Coze callback',
      rule: { type: 'coze-callback', token: SECRET },
      headers: (unixS) => {
        const [stamp, once] = [String(unixS * 1000), nonce()];
        const digest = createHash('sha1')
          .update(stamp + once + SECRET)
          .update(BODY)
          .digest('hex');
        return { 'x-coze-timestamp': stamp, 'x-coze-nonce': once, 'x-coze-signature': digest };
      },
      expected: 'admitted',
    },
    {
      name: 'Lark',
      rule: { type: 'lark', encryptKey: SECRET },
      headers: (unixS) => {
        const [stamp, once] = [String(unixS), nonce()];
        const digest = createHash('sha256')
          .update(stamp + once + SECRET)
          .update(BODY)
          .digest('hex');
        return {
          'x-lark-request-timestamp': stamp,
          'x-lark-request-nonce': once,
          'x-lark-signature': digest,
        };
      },
      expected: 'admitted',
    },
    {
      name: 'Standard Webhooks',
      rule: { type: 'standard-webhooks', secrets: [`whsec_${SECRET}`] },
      headers: (unixS) => {
        const id = `msg_${nonce()}`;
        const mac = createHmac('sha256', Buffer.from(SECRET, 'base64'))
          .update(`${id}.${unixS}.`)
          .update(BODY);
        return {
          'webhook-id': id,
          'webhook-timestamp': String(unixS),
          'webhook-signature': `v1,${mac.digest('base64')}`,
        };
      },
      expected: 'admitted',
    },
  ];
}
