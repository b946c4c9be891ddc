/** Who may call, tried from outside: every forged request gets the one 401, runs nothing and uses nothing up. */
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { signingKey, signRequest } from '../../src/auth/sign.ts';
import type { IdentityValues } from '../../src/auth/signed-identity.ts';
import type { Settings } from '../../src/config/settings.ts';
import { Authentication } from '../../src/server/authentication.ts';
import { Guards } from '../../src/server/guards.ts';
import { metricsOf } from '../support/calls.ts';
import { type Answer, dataOf, isError } from '../support/http-call.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { memoryLog, type ServerLine, startTestServer, testSettings } from '../support/server.ts';

const TOKEN = 'token-of-the-vault';
const SECRET = 'signing-secret-of-the-vault';
const PATH = '/p/vault/open';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/guarded', import.meta.url)),
  settings: {
    workers: 1,
    pluginSettings: {
      vault: {
        auth: [
          { type: 'service-token', name: 'X-Service-Token', place: 'both', tokens: [TOKEN] },
          {
            type: 'signature',
            toleranceS: 300,
            keys: [{ id: 'k1', algorithm: 'hmac-sha256', secret: SECRET }],
          },
        ],
      },
    },
  },
});
tap.teardown(server.stop);

interface Signing {
  readonly target?: string;
  readonly body?: string;
  readonly identity?: IdentityValues;
  readonly keyId?: string;
  readonly secret?: string;
  /** Seconds from now. */
  readonly shift?: number;
  readonly nonce?: string;
}

/** A header line with the signature of a call as it should be, but for what is said. */
function signature(signing: Signing = {}): string {
  const { target = PATH, body = '{}', identity = ['', '', ''], keyId = 'k1', secret = SECRET } = signing;
  const { shift = 0, nonce } = signing;
  const toSign = { method: 'POST', target, identity, body: Buffer.from(body) };
  const unixS = Math.floor(Date.now() / 1000) + shift;
  return `X-Coze-Plugin-Signature: ${signRequest(signingKey(keyId, secret), toSign, unixS, nonce)}\r\n`;
}

interface Request {
  readonly path?: string;
  /** Lines, each ended by CRLF. */
  readonly headers?: string;
  readonly body?: string;
}

function bytesOf({ path = PATH, headers = '', body = '{}' }: Request): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${length}${headers}\r\n${body}`;
}

async function send(request: Request): Promise<Answer> {
  const connection = await RawConnection.to(server.port);
  connection.send(bytesOf(request));
  const answer = await connection.answer();
  connection.drop();
  if (answer === undefined) throw new Error('the connection ended without an answer');
  return answer;
}

const member = (answer: Answer, name: string): unknown => Reflect.get(Object(dataOf(answer)), name);

const replayed = signature({ nonce: 'the-nonce-of-this-call' });
const line = signature();

const forgeries: readonly (readonly [what: string, request: Request, reason: RegExp])[] = [
  ['nothing', {}, /there is no token; .* x-coze-plugin-signature is missing/],
  [
    'an identity alone',
    { headers: 'X-Coze-User-Id: 7\r\nX-Aiplugin-Connector-Identifier: 7\r\n' },
    /no token/,
  ],
  ['a wrong token', { headers: `X-Service-Token: ${TOKEN}x\r\n` }, /the token is wrong/],
  ['a token that is cut', { headers: `X-Service-Token: ${TOKEN.slice(1)}\r\n` }, /the token is wrong/],
  ['a token twice', { headers: `X-Service-Token: ${TOKEN}\r\n`.repeat(2) }, /more than one token/],
  ['a token as Bearer', { headers: `Authorization: Bearer ${TOKEN}\r\n` }, /no token/],
  ['a token in the body', { body: `{"X-Service-Token":"${TOKEN}"}` }, /no token/],
  ['a token in the path', { path: `${PATH}/?X-Service-Token` }, /no token/],
  ['a signature that is cut', { headers: `${line.slice(0, -4)}\r\n` }, /malformed/],
  ['a signature twice', { headers: line.repeat(2) }, /more than once/],
  ['a signature of long ago', { headers: signature({ shift: -400 }) }, /old/],
  ['a signature of the future', { headers: signature({ shift: 400 }) }, /ahead/],
  ['an unknown key', { headers: signature({ keyId: 'k2' }) }, /no key of this id/],
  ['another secret', { headers: signature({ secret: `${SECRET}!` }) }, /signature is wrong/],
  ['another path', { headers: signature({ target: '/p/vault/shut' }) }, /signature is wrong/],
  ['another query', { path: `${PATH}?door=2`, headers: signature() }, /signature is wrong/],
  ['a question mark more', { path: `${PATH}?`, headers: signature() }, /signature is wrong/],
  ['another body', { headers: signature(), body: '{ }' }, /signature is wrong/],
  ['another user', { headers: `${signature({ identity: ['', '', '7'] })}X-Coze-User-Id: 8\r\n` }, /is wrong/],
  ['a user not signed', { headers: `${signature()}X-Aiplugin-Connector-Identifier: 7\r\n` }, /not signed/],
  ['the same again', { headers: replayed }, /used before/],
  [
    'a Bearer in the envelope',
    {
      path: '/execute/vault/open',
      headers: `X-Service-Token: ${TOKEN}\r\nAuthorization: Bearer x\r\n`,
      body: '{"user_id":"7","parameters":{}}',
    },
    /takes no Authorization: Bearer/,
  ],
];

test('every forged request gets the same 401, its reason is in the log, and nothing has run', async (t) => {
  t.equal(member(await send({ headers: replayed }), 'runs'), 1, 'what is signed is let in');
  const bodies = new Set<string>();
  for (const [what, request, reason] of forgeries) {
    const answer = await send(request);
    isError(t, answer, 'UNAUTHORIZED');
    const id = String(answer.headers.get('x-request-id'));
    bodies.add(answer.body.replace(id, ''));
    const told = server.log.find(({ fields }) => fields['requestId'] === id)?.fields['reason'];
    t.match(told, reason, what);
  }
  t.equal(bodies.size, 1);
  t.equal(member(await send({ headers: `X-Service-Token: ${TOKEN}\r\n` }), 'runs'), 2);
  const calls = [...(await metricsOf(server))].filter(([name]) => name.startsWith('hotlane_calls_total'));
  t.strictSame(calls, [['hotlane_calls_total{plugin="vault",tool="open",outcome="success"}', 2]]);
});

test('a signature is over what was sent, however slowly and in whatever pieces', async (t) => {
  const identity = ['', '', '7480000000000000001'] as const;
  const body = '{"key":"茶"}';
  const target = `${PATH}?door=`;
  const headers = `${signature({ identity, body, target })}X-Coze-User-Id: ${identity[2]}\r\n`;
  const connection = await RawConnection.to(server.port);
  for (const byte of Buffer.from(bytesOf({ path: target, headers, body }))) {
    connection.send(Uint8Array.of(byte));
    await new Promise(setImmediate);
  }
  const answer = await connection.answer();
  connection.drop();
  t.equal(answer && member(answer, 'user'), identity[2]);
  const empty = await send({ path: `${PATH}?`, headers: signature({ target: `${PATH}?` }) });
  t.equal(empty.status, 200, 'an empty query is signed as it stands');
});

test('a caller who leaves before his body is whole has used nothing up', async (t) => {
  const headers = signature();
  const bytes = bytesOf({ headers });
  const connection = await RawConnection.to(server.port);
  connection.send(bytes.slice(0, -1));
  // Behind those bytes: the server has read them when it answers this.
  await send({});
  connection.drop();
  await connection.closed;
  t.equal((await send({ headers })).status, 200);
});

test('no token or secret is anywhere in what plugins see, in answers, log or metrics', async (t) => {
  const asked = await send({ path: `${PATH}?door=3&X-Service-Token=${TOKEN}&d%6For=` });
  t.equal(member(asked, 'door'), '3');
  const signed = await send({ headers: signature() });
  t.match(member(asked, 'seen'), /requestId|slot/, 'there is something to see');
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
  const everything = JSON.stringify([asked, signed, server.log]) + metrics;
  for (const secret of [TOKEN, SECRET, 'v1=']) t.notOk(everything.includes(secret), secret);
});

test('a plugin without rules is closed where others can reach the server', async (t) => {
  const lines: ServerLine[] = [];
  const settings = testSettings({ pluginSettings: {} });
  const guardAt = (more: object) =>
    new Guards({ ...settings, ...more }, undefined, memoryLog(lines)).of('vault');
  const head = { method: 'POST', target: PATH, values: () => [] };
  t.match(guardAt({ host: '0.0.0.0' })?.judge(head), { kind: 'refused', reason: /no authentication/ });
  t.match(lines, [{ level: 'error', message: /calls are refused: vault has no authentication/ }]);
  t.equal(guardAt({ host: '0.0.0.0', allowUnauthenticated: true }), undefined);
  t.equal(guardAt({}), undefined);
});

/** What is said when plugin `vault` is opened with these settings. */
function warned(more: Partial<Settings>): readonly string[] {
  const lines: ServerLine[] = [];
  new Guards(testSettings(more), new Authentication(), memoryLog(lines)).of('vault');
  return lines.map(({ level, message }) => `${level}: ${message}`);
}

test('what is more likely a mistake than meant is told: open plugins at a public address, tokens to be guessed', async (t) => {
  t.match(warned({ publicUrl: 'https://p.example' }), [
    /^warn: anybody who reaches https:..p\.example may call vault/,
  ]);
  t.match(warned({ serviceToken: 'short' }), [
    /^warn: a service token of vault has fewer than 16 characters/,
  ]);
  t.strictSame(warned({ publicUrl: 'https://p.example', serviceToken: TOKEN.padEnd(16, 'x') }), []);
  t.strictSame(warned({}), []);
});
