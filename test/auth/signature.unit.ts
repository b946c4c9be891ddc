import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { test } from 'tap';
import { signingKey, signRequest } from '../../src/auth/sign.ts';
import type { AuthRule } from '../../src/core/auth-rules.ts';
import { BARE, changed, changedByte, freshGuard, HandClock, NOW, outcome, type Request } from './requests.ts';

const SECRET = 'a secret of thirty-two characters';
const SIGNATURE: AuthRule = {
  type: 'signature',
  toleranceS: 300,
  keys: [{ id: 'k1', algorithm: 'hmac-sha256', secret: SECRET }],
};
type Headers = Request['headers'];

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

test('a nonce is used up by a right signature only, and for one secret, whatever it is called', async (t) => {
  const secret = 'the secret of somebody else';
  const others = [
    { id: 'k2', algorithm: 'hmac-sha256', secret },
    { id: 'k3', algorithm: 'hmac-sha256', secret: SECRET },
  ] as const;
  const guard = freshGuard([{ ...SIGNATURE, keys: [...SIGNATURE.keys, ...others] }]);
  const nonce = 'a-nonce-of-somebody';
  const forged = resigned(signed(BARE, { nonce }), (header) =>
    header.replace(/v1=.*/, `v1=${'0'.repeat(64)}`),
  );
  t.equal(outcome(guard, forged), 'signature: the signature is wrong');
  t.equal(outcome(guard, signed(BARE, { nonce })), 'admitted');
  t.equal(outcome(guard, signed(BARE, { nonce, t: NOW + 1 })), 'signature: it has been used before');
  t.equal(outcome(guard, signed(BARE, { nonce, keyId: 'k2', secret })), 'admitted');
  // The id is not signed.
  const renamed = resigned(signed(BARE, { nonce }), (header) => header.replace('kid=k1', 'kid=k3'));
  t.equal(outcome(guard, renamed), 'signature: it has been used before');
});

test('what one rule has admitted is used up for another rule with the same secret, as long as either takes it', async (t) => {
  const clock = new HandClock();
  const brief: AuthRule = { ...SIGNATURE, toleranceS: 30 };
  const guard = freshGuard([brief, SIGNATURE], clock);
  const request = signed(BARE, { nonce: 'n'.repeat(16) });
  t.equal(outcome(guard, request), 'admitted');
  t.equal(outcome(guard, request), 'signature: it has been used before; signature: it has been used before');
  clock.unix += 299;
  clock.steady += 299;
  t.match(outcome(guard, request), /more than 30 s old; signature: it has been used before$/);
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
