import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'tap';
import { makeGuard } from '../../src/auth/make-guard.ts';
import { SharedAuth } from '../../src/auth/shared.ts';
import { signingKey, signRequest } from '../../src/auth/sign.ts';
import type { AuthRule } from '../../src/core/auth-rules.ts';
import { freshGuard, HandClock, NOW, outcome, type Request } from './requests.ts';

const SECRET = 'a secret of thirty-two characters';
const SIGNATURE: AuthRule = {
  type: 'signature',
  toleranceS: 300,
  keys: [{ id: 'k1', algorithm: 'hmac-sha256', secret: SECRET }],
};
const BARE: Request = { method: 'POST', target: '/p/weather/current', headers: [], body: '{}' };

type Headers = Request['headers'];
const withHeaders = (...headers: Headers): Request => ({ ...BARE, headers });

interface Parts {
  readonly identity?: readonly [bot: string, conversation: string, user: string];
  readonly t?: number;
  readonly nonce?: string;
  readonly keyId?: string;
  readonly secret?: string;
}

/** `request` with a signature, and identity headers that it covers. */
function signed(request: Request = BARE, parts: Parts = {}): Request {
  const { identity = ['', '', ''], t = NOW, keyId = 'k1', secret = SECRET } = parts;
  const { nonce = randomBytes(16).toString('hex') } = parts;
  const { method, target, body } = request;
  const toSign = { method, target, identity, body: Buffer.from(body) };
  const header = signRequest(signingKey(keyId, secret), toSign, t, nonce);
  const named = ['X-Coze-Bot-Id', 'X-Coze-Conversation-Id', 'X-Coze-User-Id'].flatMap((name, index) => {
    const value = identity[index] ?? '';
    return value === '' ? [] : [[name, value] as const];
  });
  return { ...request, headers: [...request.headers, ...named, ['X-Coze-Plugin-Signature', header]] };
}

/** The same request with its signature header changed. */
function resigned(request: Request, change: (header: string) => string): Request {
  const headers = request.headers.map(
    ([name, value]) => [name, name === 'X-Coze-Plugin-Signature' ? change(value) : value] as const,
  );
  return { ...request, headers };
}

const TOKENS: AuthRule = {
  type: 'service-token',
  name: 'X-Service-Token',
  place: 'both',
  tokens: ['sesame-1', 'Bearer sesame 2'],
};

test('a service token is taken from header or query, any of those that are valid', async (t) => {
  const guard = freshGuard([TOKENS]);
  const inQuery = (query: string): Request => ({ ...BARE, target: `${BARE.target}?${query}` });
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
  const inQuery = { ...BARE, target: `${BARE.target}?X-Service-Token=sesame-1` };
  t.equal(outcome(header, inQuery), 'service-token: there is no token');
  t.equal(outcome(query, inQuery), 'admitted');
  t.equal(outcome(query, withHeaders(['X-Service-Token', 'sesame-1'])), 'service-token: there is no token');
});

test('a signature header of any other form is refused before anything else', async (t) => {
  const guard = freshGuard([SIGNATURE]);
  const good = signed();
  const [, value = ''] = good.headers.at(-1) ?? [];
  const malformed = 'signature: the header is malformed';
  const changes: readonly (readonly [change: (header: string) => string, reason: string])[] = [
    [() => '', 'signature: x-coze-plugin-signature is missing'],
    [(header) => header.slice(0, -1), malformed],
    [(header) => `${header}0`, malformed],
    [(header) => `${header},`, malformed],
    [(header) => header + header.slice(-64), malformed],
    [(header) => header.toUpperCase(), malformed],
    [(header) => header.replace(/v1=.*/, (hex) => hex.toUpperCase().replace('V1', 'v1')), malformed],
    [(header) => header.replaceAll(',', ', '), malformed],
    [(header) => header.replace('t=', 't=0'), malformed],
    [(header) => header.replace('t=', 't=-'), malformed],
    [(header) => header.replace(/n=[^,]*/, 'n=short'), malformed],
    [(header) => header.replace(/n=[^,]*/, `n=${'n'.repeat(65)}`), malformed],
    [(header) => header.replace(/kid=[^,]*,/, ''), malformed],
    [(header) => header.replace(/(t=.*),(n=.*),kid/, '$2,$1,kid'), malformed],
    [(header) => header.replace(/,v1=.*/, ''), malformed],
    [(header) => header + `,v1=${'0'.repeat(64)}`.repeat(4), malformed],
    [
      (header) => `${header}${header.slice(header.indexOf(',v1='))}`,
      'signature: the same signature comes twice',
    ],
    [(header) => header + 'x'.repeat(1024), 'signature: the header is longer than 1024 characters'],
  ];
  for (const [change, reason] of changes)
    t.equal(outcome(guard, resigned(good, change)), reason, change(value));
  const doubled = { ...good, headers: [...good.headers, ['x-coze-plugin-signature', value] as const] };
  t.equal(outcome(guard, doubled), 'signature: x-coze-plugin-signature comes more than once');
  t.equal(outcome(guard, good), 'admitted', 'and what it was made of is as good as before');
});

test('a signature is good within its tolerance, once, and with its key alone', async (t) => {
  const clock = new HandClock();
  const other = { id: 'k2', algorithm: 'hmac-sha256', secret: 'quite another secret' } as const;
  const guard = freshGuard([{ ...SIGNATURE, keys: [...SIGNATURE.keys, other] }], clock);
  for (const t2 of [NOW - 300, NOW + 300]) t.equal(outcome(guard, signed(BARE, { t: t2 })), 'admitted');
  t.equal(outcome(guard, signed(BARE, { t: NOW - 301 })), 'signature: the timestamp is more than 300 s old');
  t.equal(
    outcome(guard, signed(BARE, { t: NOW + 301 })),
    'signature: the timestamp is more than 300 s ahead',
  );
  t.equal(outcome(guard, signed(BARE, { keyId: 'k3' })), 'signature: there is no key of this id');
  t.equal(outcome(guard, signed(BARE, { keyId: 'k2' })), 'signature: the signature is wrong');
  t.equal(outcome(guard, signed(BARE, { keyId: 'k2', secret: other.secret })), 'admitted');

  const once = signed(BARE, { t: NOW + 290 });
  t.equal(outcome(guard, once), 'admitted');
  clock.unix += 580;
  clock.steady += 580;
  t.equal(outcome(guard, once), 'signature: it has been used before', 'as long as its timestamp is good');
});

test('a nonce is used up by a right signature only, and for one key', async (t) => {
  const guard = freshGuard([
    { ...SIGNATURE, keys: [...SIGNATURE.keys, { id: 'k2', algorithm: 'hmac-sha256', secret: SECRET }] },
  ]);
  const nonce = 'a-nonce-of-somebody';
  const forged = resigned(signed(BARE, { nonce }), (header) =>
    header.replace(/v1=.*/, `v1=${'0'.repeat(64)}`),
  );
  t.equal(outcome(guard, forged), 'signature: the signature is wrong');
  t.equal(outcome(guard, signed(BARE, { nonce })), 'admitted');
  t.equal(outcome(guard, signed(BARE, { nonce, t: NOW + 1 })), 'signature: it has been used before');
  t.equal(outcome(guard, signed(BARE, { nonce, keyId: 'k2' })), 'admitted');
});

test('one of several signatures is enough, which is how secrets are replaced', async (t) => {
  const nonce = 'n'.repeat(16);
  const add = signed(BARE, { nonce, secret: 'the secret that was before' }).headers.at(-1)?.[1] ?? '';
  const both = resigned(signed(BARE, { nonce }), (header) => `${add}${header.slice(header.indexOf(',v1='))}`);
  t.equal(outcome(freshGuard([SIGNATURE]), both), 'admitted');
});

test('a key takes signatures of its own kind only', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const guard = freshGuard([
    {
      ...SIGNATURE,
      keys: [...SIGNATURE.keys, { id: 'e1', algorithm: 'ed25519', publicKey: pem }],
    },
  ]);
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  t.equal(outcome(guard, signed(BARE, { keyId: 'e1', secret })), 'admitted');
  const other = 'signature: there is no signature of the kind this key makes';
  t.equal(outcome(guard, signed(BARE, { keyId: 'e1' })), other);
  t.equal(outcome(guard, signed(BARE, { keyId: 'k1', secret })), other);
  const wrong = resigned(signed(BARE, { keyId: 'e1', secret }), (header) => {
    const bytes = sign(null, Buffer.from('something else'), privateKey);
    return header.replace(/v1e=.*/, `v1e=${bytes.toString('base64')}`);
  });
  t.equal(outcome(guard, wrong), 'signature: the signature is wrong');
});

test('beside a signature, unsigned identity headers may only repeat what is signed', async (t) => {
  const guard = freshGuard([SIGNATURE]);
  const identity = ['11', '', '33'] as const;
  const beside = (...more: Headers): string => {
    const request = signed(BARE, { identity });
    return outcome(guard, { ...request, headers: [...more, ...request.headers] });
  };
  t.equal(beside(['X-AIPlugin-Bot-ID', '11'], ['X-Aiplugin-Connector-Identifier', '33']), 'admitted');
  const user = 'x-aiplugin-connector-identifier, which is not signed, differs from x-coze-user-id';
  t.equal(beside(['X-Aiplugin-Connector-Identifier', '34']), `signature: ${user}`);
  const conversation = 'x-aiplugin-conversation-id, which is not signed, differs from x-coze-conversation-id';
  t.equal(beside(['X-AIPlugin-Conversation-ID', '22']), `signature: ${conversation}`);
  t.equal(beside(['X-Coze-Bot-Id', '11']), 'signature: an identity header comes more than once');
});

test('path, query and identity must be printable ASCII under a signature', async (t) => {
  const guard = freshGuard([SIGNATURE]);
  const request = signed();
  const reason = 'signature: path, query or identity are not printable ASCII';
  t.equal(outcome(guard, { ...request, target: '/p/weather/münchen' }), reason);
  t.equal(outcome(guard, { ...request, headers: [['X-Coze-User-Id', '\t'], ...request.headers] }), reason);
  t.throws(() => signed({ ...BARE, target: '/p/münchen' }), { name: 'RangeError' });
});

const changedByte = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
/** `bytes` with one of them changed. */
function changed(bytes: Uint8Array, [at, by]: readonly [number, number]): Buffer {
  const copy = Buffer.from(bytes);
  const index = at % copy.length;
  copy[index] = (copy[index] ?? 0) ^ by;
  return copy;
}

test('property: whatever byte of a signed request is changed, it is refused, and untouched it is admitted', async (t) => {
  const guard = freshGuard([SIGNATURE]);
  const visible = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.~%&=?'), minLength: 1, maxLength: 40 });
  const id = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      fc.constantFrom('GET', 'POST'),
      visible,
      fc.tuple(id, id, id),
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      changedByte,
      (method, path, identity, body, change) => {
        const request = signed({ method, target: `/p/${path}`, headers: [], body }, { identity });
        const refusedWhen = (other: Partial<Request>): boolean =>
          outcome(guard, { ...request, ...other }) !== 'admitted';
        const inHeader = (index: number): Partial<Request> => ({
          headers: request.headers.map(([name, value], at) =>
            at === index
              ? [name, changed(Buffer.from(value, 'latin1'), change).toString('latin1')]
              : [name, value],
          ),
        });
        return (
          refusedWhen({ body: changed(body, change) }) &&
          refusedWhen({ body: Buffer.concat([body, Buffer.from([change[1]])]) }) &&
          refusedWhen({ target: changed(Buffer.from(request.target), change).toString('latin1') }) &&
          refusedWhen({ method: method === 'GET' ? 'POST' : 'GET' }) &&
          request.headers.every((_, index) => refusedWhen(inHeader(index))) &&
          request.headers.every((_, index) =>
            refusedWhen({ headers: request.headers.toSpliced(index, 1) }),
          ) &&
          !refusedWhen({})
        );
      },
    ),
    { numRuns: 200 },
  );
  t.pass();
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

test('any rule admits; the reasons of all are told together', async (t) => {
  const guard = freshGuard([TOKENS, SIGNATURE]);
  t.equal(outcome(guard, withHeaders(['X-Service-Token', 'sesame-1'])), 'admitted');
  t.equal(outcome(guard, signed(withHeaders(['X-Service-Token', 'wrong']))), 'admitted');
  t.equal(
    outcome(guard, BARE),
    'service-token: there is no token; signature: x-coze-plugin-signature is missing',
  );
  const forged = { ...signed(), body: 'another' };
  t.equal(outcome(guard, forged), 'service-token: there is no token; signature: the signature is wrong');
});

test('none admits every call, and no rule at all is a mistake', async (t) => {
  t.equal(outcome(freshGuard([{ type: 'none' }]), BARE), 'admitted');
  t.throws(() => freshGuard([]), { name: 'RangeError' });
});

test('a message that names no path is used up for all plugins with the same secret', async (t) => {
  const shared = new SharedAuth(new HandClock());
  const lark = (encryptKey: string) => makeGuard([{ type: 'lark', encryptKey }], shared);
  const headers = (key: string): Headers => [
    ['X-Lark-Request-Timestamp', String(NOW)],
    ['X-Lark-Request-Nonce', 'n'],
    ['X-Lark-Signature', createHash('sha256').update(`${NOW}n${key}{}`).digest('hex')],
  ];
  const [first, second, stranger] = [lark('a'), lark('a'), lark('b')];
  t.equal(outcome(first, { ...BARE, headers: headers('a') }), 'admitted');
  t.equal(outcome(second, { ...BARE, headers: headers('a') }), 'lark: it has been used before');
  t.equal(outcome(stranger, { ...BARE, headers: headers('b') }), 'admitted');
});
