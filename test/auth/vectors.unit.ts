/**
 * The published vectors, held by Node's own cryptography and, for Standard Webhooks, by that project's library: nothing here
 * that computes a signature comes from src/auth.
 */
import { createHash, createHmac, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { test } from 'tap';
import { signingKey, signRequest } from '../../src/auth/sign.ts';
import { freshGuard, HandClock, outcome } from './requests.ts';

interface Vectors<Vector> {
  readonly vectors: readonly Vector[];
}

function read<Vector>(scheme: string): readonly Vector[] {
  const file = new URL(`vectors/${scheme}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as Vectors<Vector>).vectors;
}

type Key =
  | { readonly id: string; readonly algorithm: 'hmac-sha256'; readonly secret: string }
  | {
      readonly id: string;
      readonly algorithm: 'ed25519';
      readonly privateKey: string;
      readonly publicKey: string;
    };

interface SignatureVector {
  readonly name: string;
  readonly key: Key;
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly t: number;
  readonly nonce: string;
  readonly text: string;
  readonly header: string;
}

const signatures = read<SignatureVector>('signature');
const names = ['X-Coze-Bot-Id', 'X-Coze-Conversation-Id', 'X-Coze-User-Id'] as const;

function clockAt(unix: number): HandClock {
  const clock = new HandClock();
  clock.unix = unix;
  return clock;
}

test('the signed text of every vector is what the lines say', async (t) => {
  for (const { name, request, t: time, nonce, text } of signatures) {
    const { method, target, headers, body } = request;
    const identity = names.map((header) => `${header.toLowerCase()}:${headers[header] ?? ''}`);
    const digest = createHash('sha256').update(body, 'utf8').digest('hex');
    t.equal(text, ['COZE-PLUGIN-V1', time, nonce, method, target, ...identity, digest].join('\n'), name);
  }
});

test('every vector’s header ends with the signature of its text', async (t) => {
  for (const { name, key, text, t: time, nonce, header } of signatures) {
    t.ok(header.startsWith(`t=${time},n=${nonce},kid=${key.id},v1`), name);
    const made =
      key.algorithm === 'ed25519'
        ? `v1e=${sign(null, Buffer.from(text), key.privateKey).toString('base64')}`
        : `v1=${createHmac('sha256', key.secret).update(text).digest('hex')}`;
    t.ok(header.endsWith(`,${made}`), name);
  }
});

test('the guard admits every vector at its time, once', async (t) => {
  for (const { name, key, request, t: time, header } of signatures) {
    const clock = clockAt(time);
    const guard = freshGuard([{ type: 'signature', toleranceS: 300, keys: [key] }], clock);
    const headers = [...Object.entries(request.headers), ['X-Coze-Plugin-Signature', header] as const];
    t.equal(outcome(guard, { ...request, headers }), 'admitted', name);
    t.equal(outcome(guard, { ...request, headers }), 'signature: it has been used before', name);
  }
});

test('the signer makes the header of every vector that has one signature', async (t) => {
  const single = signatures.filter(({ header }) => header.split(',v1').length === 2);
  t.ok(single.length >= 5);
  for (const { name, key, request, t: time, nonce, header } of single) {
    const { method, target, headers, body } = request;
    const secret = key.algorithm === 'ed25519' ? key.privateKey : key.secret;
    const [bot = '', conversation = '', user = ''] = names.map((one) => headers[one]);
    const toSign = { method, target, identity: [bot, conversation, user], body: Buffer.from(body) } as const;
    t.equal(signRequest(signingKey(key.id, secret), toSign, time, nonce), header, name);
  }
});

interface CallbackVector {
  readonly name: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: string;
  readonly signature: string;
}

test('events of Coze are admitted as the vectors have them', async (t) => {
  for (const vector of read<CallbackVector & { readonly token: string }>('coze-callback')) {
    const { name, token, timestamp, nonce, body, signature } = vector;
    t.equal(
      createHash('sha1')
        .update(timestamp + nonce + token + body)
        .digest('hex'),
      signature,
      name,
    );
    const guard = freshGuard([{ type: 'coze-callback', token }], clockAt(Number(timestamp) / 1000));
    const headers = [
      ['X-Coze-Timestamp', timestamp],
      ['X-Coze-Nonce', nonce],
      ['X-Coze-Signature', signature],
    ] as const;
    t.equal(outcome(guard, { method: 'POST', target: '/coze/callback', headers, body }), 'admitted', name);
  }
});

test('events of Lark are admitted as the vectors have them', async (t) => {
  for (const vector of read<CallbackVector & { readonly encryptKey: string }>('lark')) {
    const { name, encryptKey, timestamp, nonce, body, signature } = vector;
    t.equal(
      createHash('sha256')
        .update(timestamp + nonce + encryptKey + body)
        .digest('hex'),
      signature,
      name,
    );
    const guard = freshGuard([{ type: 'lark', encryptKey }], clockAt(Number(timestamp)));
    const headers = [
      ['X-Lark-Request-Timestamp', timestamp],
      ['X-Lark-Request-Nonce', nonce],
      ['X-Lark-Signature', signature],
    ] as const;
    t.equal(outcome(guard, { method: 'POST', target: '/p/bot/event', headers, body }), 'admitted', name);
  }
});

interface WebhookVector {
  readonly name: string;
  readonly secret: string;
  readonly id: string;
  readonly timestamp: string;
  readonly body: string;
  readonly signature: string;
}

test('Standard Webhooks are admitted as that project’s own library signs them', async (t) => {
  for (const { name, secret, id, timestamp, body, signature } of read<WebhookVector>('standard-webhooks')) {
    const time = Number(timestamp);
    t.equal(new Webhook(secret).sign(id, new Date(time * 1000), body), signature, name);
    const guard = freshGuard([{ type: 'standard-webhooks', secrets: [secret] }], clockAt(time));
    const headers = [
      ['webhook-id', id],
      ['webhook-timestamp', timestamp],
      ['webhook-signature', signature],
    ] as const;
    t.equal(outcome(guard, { method: 'POST', target: '/p/shop/order', headers, body }), 'admitted', name);
  }
});
