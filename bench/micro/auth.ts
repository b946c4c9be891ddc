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
const TIMES = 500;

const nonce = (): string => randomBytes(16).toString('base64url');

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
  const names = Object.keys(headers(0));
  /** Of each call the values in the order of `names`: as little as can be, so that collecting garbage is not what is measured. */
  let messages: readonly (readonly string[])[] = [];
  return {
    name: `auth: ${name}`,
    times: TIMES,
    prepare: (times) => {
      const unixS = Math.floor(Date.now() / 1000);
      messages = Array.from({ length: times }, () => Object.values(headers(unixS)).map(asReceived));
    },
    run: (times) => {
      for (let time = 0; time < times; time++) {
        const message = messages[time];
        if (message === undefined) throw new Error('a message is missing');
        const judgement = guard.judge({
          method: 'POST',
          target: TARGET,
          values: (header) => {
            const value = message[names.indexOf(header)];
            return value === undefined ? (identity.get(header) ?? []) : [value];
          },
        });
        const decision = judgement.kind === 'undecided' ? judgement.decide(BODY) : judgement;
        if (decision.kind !== expected) throw new Error(`${name}: ${decision.kind}`);
      }
    },
  };
}

/** A string of its own, and no part of others. */
const asReceived = (value: string): string => Buffer.from(value).toString('latin1');

const identity: ReadonlyMap<string, readonly string[]> = new Map([
  ['x-coze-bot-id', [IDENTITY[0]]],
  ['x-coze-conversation-id', [IDENTITY[1]]],
  ['x-coze-user-id', [IDENTITY[2]]],
]);

function schemes(): readonly Scheme[] {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = (key: typeof publicKey, type: 'spki' | 'pkcs8'): string =>
    String(key.export({ type, format: 'pem' }));
  const hmac = signingKey('k1', SECRET);
  const ed25519 = signingKey('k1', pem(privateKey, 'pkcs8'));
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
