import { createHash, createHmac, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { test } from 'tap';
import { makeGuard } from '../../src/auth/make-guard.ts';
import { SharedAuth } from '../../src/auth/shared.ts';
import type { AuthRule } from '../../src/core/auth-rules.ts';
import { BARE, changed, changedByte, freshGuard, HandClock, NOW, outcome, type Request } from './requests.ts';

type Headers = Request['headers'];
const withHeaders = (...headers: Headers): Request => ({ ...BARE, headers });

const TOKENS: AuthRule = {
  type: 'service-token',
  name: 'X-Service-Token',
  place: 'both',
  tokens: ['sesame-1', 'Bearer sesame 2'],
};

/** The bare call with this query. */
const inQuery = (query: string): Request => ({ ...BARE, target: `${BARE.target}?${query}` });

test('a service token is taken from header or query, any of those that are valid', async (t) => {
  const guard = freshGuard([TOKENS]);
  t.equal(outcome(guard, withHeaders(['X-Service-Token', 'sesame-1'])), 'admitted');
  t.equal(outcome(guard, withHeaders(['x-service-token', 'Bearer sesame 2'])), 'admitted');
  t.equal(outcome(guard, inQuery('a=1&X-Service-Token=Bearer%20sesame+2')), 'admitted');
  t.equal(outcome(guard, BARE), 'service-token: there is no token');
  t.equal(outcome(guard, withHeaders(['X-Service-Token', ''])), 'service-token: there is no token');
  t.equal(outcome(guard, inQuery('x-service-token=sesame-1')), 'service-token: there is no token');
  for (const wrong of ['sesame-', 'sesame-11', 'Sesame-1', 'sesame 2', ' sesame-1']) {
    t.equal(outcome(guard, withHeaders(['X-Service-Token', wrong])), 'service-token: the token is wrong');
  }
  for (const twice of [
    withHeaders(['X-Service-Token', 'sesame-1'], ['X-Service-Token', 'sesame-1']),
    { ...inQuery('X-Service-Token=sesame-1'), headers: [['X-Service-Token', 'sesame-1']] as const },
    inQuery('X-Service-Token=sesame-1&X-Service-Token=sesame-1'),
  ]) {
    t.equal(outcome(guard, twice), 'service-token: there is more than one token');
  }
});

test('a service token is not looked for where it does not belong', async (t) => {
  const header = freshGuard([{ ...TOKENS, place: 'header' }]);
  const query = freshGuard([{ ...TOKENS, place: 'query' }]);
  t.equal(outcome(header, inQuery('X-Service-Token=sesame-1')), 'service-token: there is no token');
  t.equal(outcome(query, inQuery('X-Service-Token=sesame-1')), 'admitted');
  t.equal(outcome(query, withHeaders(['X-Service-Token', 'sesame-1'])), 'service-token: there is no token');
});

const WEBHOOK_SECRET = `whsec_${randomBytes(24).toString('base64')}`;

/** Every scheme whose headers are a timestamp, a name and a signature, and how its messages are signed. */
const messages = [
  {
    rule: { type: 'coze-callback', token: 'a token' },
    names: ['X-Coze-Timestamp', 'X-Coze-Nonce', 'X-Coze-Signature'],
    stamp: (unix: number) => String(unix * 1000),
    sign: (stamp: string, nonce: string, body: string) =>
      createHash('sha1').update(`${stamp}${nonce}a token${body}`).digest('hex'),
    signatureMissing: 'x-coze-signature is missing',
  },
  {
    rule: { type: 'lark', encryptKey: 'a key' },
    names: ['X-Lark-Request-Timestamp', 'X-Lark-Request-Nonce', 'X-Lark-Signature'],
    stamp: String,
    sign: (stamp: string, nonce: string, body: string) =>
      createHash('sha256').update(`${stamp}${nonce}a key${body}`).digest('hex'),
    signatureMissing: 'x-lark-signature is missing',
  },
  {
    rule: { type: 'standard-webhooks', secrets: [`whsec_${'A'.repeat(32)}`, WEBHOOK_SECRET] },
    names: ['webhook-timestamp', 'webhook-id', 'webhook-signature'],
    stamp: String,
    sign: (stamp: string, id: string, body: string) => {
      const key = Buffer.from(WEBHOOK_SECRET.slice(6), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${stamp}.${body}`).digest('base64')}`;
    },
    signatureMissing: 'webhook-signature is missing',
  },
] as const satisfies readonly {
  readonly rule: AuthRule;
  readonly names: readonly [stamp: string, nonce: string, signature: string];
  readonly [key: string]: unknown;
}[];

for (const { rule, names, stamp, sign: signMessage, signatureMissing } of messages) {
  const [stampName, nonceName, signatureName] = names;
  const message = (unix = NOW, nonce = 'n-1', body = '{"a":1}'): Request => {
    const text = stamp(unix);
    const headers = [
      [stampName, text],
      [nonceName, nonce],
      [signatureName, signMessage(text, nonce, body)],
    ] as const;
    return { ...BARE, headers, body };
  };

  test(`${rule.type}: a message is admitted once, within 300 s, and again with a new timestamp`, async (t) => {
    const guard = freshGuard([rule]);
    t.equal(outcome(guard, message()), 'admitted');
    t.equal(outcome(guard, message()), `${rule.type}: it has been used before`);
    t.equal(outcome(guard, message(NOW + 2)), 'admitted');
    t.equal(outcome(guard, message(NOW - 301)), `${rule.type}: the timestamp is more than 300 s old`);
    t.equal(outcome(guard, message(NOW + 301)), `${rule.type}: the timestamp is more than 300 s ahead`);
  });

  test(`${rule.type}: missing, doubled and malformed headers are told apart`, async (t) => {
    const guard = freshGuard([rule]);
    const good = message();
    t.equal(outcome(guard, BARE), `${rule.type}: ${signatureMissing}`);
    for (const [index, header] of good.headers.entries()) {
      const name = header[0].toLowerCase();
      const without = { ...good, headers: good.headers.toSpliced(index, 1) };
      t.equal(outcome(guard, without), `${rule.type}: ${name} is missing`);
      const twice = { ...good, headers: [...good.headers, header] };
      t.equal(outcome(guard, twice), `${rule.type}: ${name} comes more than once`);
      const cut = { ...good, headers: good.headers.with(index, [name, header[1].slice(0, -1)]) };
      t.not(outcome(guard, cut), 'admitted', `${name} cut short`);
      const longer = { ...good, headers: good.headers.with(index, [name, `${header[1]}é`]) };
      t.match(outcome(guard, longer), /malformed|no signature/, `${name} with more behind it`);
    }
    t.equal(outcome(guard, good), 'admitted');
  });

  test(`property: ${rule.type}: a changed byte of the body or of a header is refused`, async (t) => {
    const guard = freshGuard([rule]);
    let unix = NOW;
    fc.assert(
      fc.property(fc.json({ maxDepth: 1 }), changedByte, (body, change) => {
        // Another second for each, so that none is a replay of the one before.
        unix = unix === NOW + 290 ? NOW - 290 : unix + 1;
        const good = message(unix, 'n-2', body);
        if (outcome(guard, { ...good, body: changed(Buffer.from(body), change) }) === 'admitted')
          return false;
        const isForged = good.headers.every(([name, value], index) => {
          const other = changed(Buffer.from(value, 'latin1'), change).toString('latin1');
          const forged = { ...good, headers: good.headers.with(index, [name, other]) };
          return outcome(guard, forged) !== 'admitted';
        });
        return isForged && outcome(guard, good) === 'admitted';
      }),
      { numRuns: 100 },
    );
    t.pass();
  });
}

test('a callback’s digest that was continued over a longer body is refused, though it is right', async (t) => {
  const guard = freshGuard([{ type: 'coze-callback', token: 'a token' }]);
  const stamp = String(NOW * 1000);
  const start = `${stamp}n-1a token{}`;
  // What SHA-1 itself puts behind a message, here made with the token; an attacker needs its length only.
  const padding = Buffer.alloc(64 - start.length);
  padding[0] = 0x80;
  padding.writeUInt32BE(start.length * 8, padding.length - 4);
  const body = Buffer.concat([Buffer.from('{}'), padding, Buffer.from('more')]);
  const signature = createHash('sha1').update(`${stamp}n-1a token`).update(body).digest('hex');
  const headers = [
    ['X-Coze-Timestamp', stamp],
    ['X-Coze-Nonce', 'n-1'],
    ['X-Coze-Signature', signature],
  ] as const;
  t.equal(outcome(guard, { ...BARE, headers, body }), 'coze-callback: the body is not UTF-8');
});

test('of Standard Webhooks, other versions are passed over, any of up to sixteen signatures is enough', async (t) => {
  const guard = freshGuard([{ type: 'standard-webhooks', secrets: [WEBHOOK_SECRET] }]);
  const key = Buffer.from(WEBHOOK_SECRET.slice(6), 'base64');
  const send = (id: string, wrap: (signature: string) => string): string => {
    const signature = createHmac('sha256', key).update(`${id}.${NOW}.{}`).digest('base64');
    return outcome(
      guard,
      withHeaders(
        ['webhook-id', id],
        ['webhook-timestamp', String(NOW)],
        ['webhook-signature', wrap(`v1,${signature}`)],
      ),
    );
  };
  const other = `v1,${'A'.repeat(43)}=`;
  t.equal(
    send('a', (one) => `v1a,abc ${other} ${one}`),
    'admitted',
  );
  t.equal(
    send('b', () => 'v2,abc'),
    'standard-webhooks: there is no signature of version 1',
  );
  t.equal(
    send('c', () => other),
    'standard-webhooks: the signature is wrong',
  );
  t.equal(
    send('d', (one) => `${`${other} `.repeat(16)}${one}`),
    'standard-webhooks: there are more than 16 signatures',
  );
  t.equal(
    send('with.dot', (one) => one),
    'standard-webhooks: the id is malformed',
  );
});

const webhook = (signature: string): Request =>
  withHeaders(['webhook-id', 'm-1'], ['webhook-timestamp', String(NOW)], ['webhook-signature', signature]);

test('of Standard Webhooks, a message with two right signatures does not come again with one of them', async (t) => {
  const secrets = [`whsec_${'A'.repeat(32)}`, WEBHOOK_SECRET, WEBHOOK_SECRET.slice(6)];
  const signatures = secrets.slice(0, 2).map((secret) => {
    const key = Buffer.from(secret.slice(6), 'base64');
    return `v1,${createHmac('sha256', key).update(`m-1.${NOW}.{}`).digest('base64')}`;
  });
  const [first = '', second = ''] = signatures;
  for (const [one, ...others] of [
    [`${first} ${second}`, first, second],
    [second, `${first} ${second}`, second],
  ] as const) {
    const guard = freshGuard([{ type: 'standard-webhooks', secrets }]);
    t.equal(outcome(guard, webhook(one)), 'admitted');
    for (const other of others)
      t.equal(outcome(guard, webhook(other)), 'standard-webhooks: it has been used before');
  }
});

test('none admits every call, and no rule at all is a mistake', async (t) => {
  t.equal(outcome(freshGuard([{ type: 'none' }]), BARE), 'admitted');
  t.throws(() => freshGuard([]), { name: 'RangeError' });
});

const larkHeaders = (key: string): Headers => [
  ['X-Lark-Request-Timestamp', String(NOW)],
  ['X-Lark-Request-Nonce', 'n'],
  ['X-Lark-Signature', createHash('sha256').update(`${NOW}n${key}{}`).digest('hex')],
];

test('any rule admits; the reasons of all are told together', async (t) => {
  const guard = freshGuard([TOKENS, { type: 'lark', encryptKey: 'a' }]);
  t.equal(outcome(guard, withHeaders(['X-Service-Token', 'sesame-1'])), 'admitted');
  t.equal(outcome(guard, BARE), 'service-token: there is no token; lark: x-lark-signature is missing');
  const both = withHeaders(['X-Service-Token', 'wrong'], ...larkHeaders('a'));
  const wrong = 'service-token: the token is wrong; lark: the signature is wrong';
  t.equal(outcome(guard, { ...both, body: 'another' }), wrong);
  t.equal(outcome(guard, both), 'admitted');
});

test('a message that names no path is used up for all plugins with the same secret', async (t) => {
  const shared = new SharedAuth(new HandClock());
  const lark = (encryptKey: string) => makeGuard([{ type: 'lark', encryptKey }], shared);
  const [first, second, stranger] = [lark('a'), lark('a'), lark('b')];
  t.equal(outcome(first, { ...BARE, headers: larkHeaders('a') }), 'admitted');
  t.equal(outcome(second, { ...BARE, headers: larkHeaders('a') }), 'lark: it has been used before');
  t.equal(outcome(stranger, { ...BARE, headers: larkHeaders('b') }), 'admitted');
});
