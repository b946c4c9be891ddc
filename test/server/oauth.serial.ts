/** From a consent link to calls of Coze's API: a real server, a real store, a strict provider. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { CLIENT_ID, CLIENT_SECRET, MARK, StrictProvider } from '../oauth/strict-provider.ts';
import { until } from '../support/calls.ts';
import { parseExposition } from '../support/exposition.ts';
import { dataOf, post } from '../support/http-call.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startTestServer, type TestServerOptions } from '../support/server.ts';
import { startUpstream } from '../support/upstream.ts';

const PUBLIC = 'https://plugins.example.com';
const KEY = Buffer.alloc(32, `${MARK}-key`).toString('base64');
/** What a token's first life is; each later one is as long as Coze's. In ms. */
let life = 900_000;
const provider = await StrictProvider.start((work) => tap.teardown(work), {
  now: () => Date.now() - 900_000 + life,
});

/** Coze's API: tokens come from the provider, all else needs one that lives. */
const api = await startUpstream(tap, (request, response) => {
  const { url = '', headers } = request;
  if (url === '/api/permission/oauth2/token') {
    void text(request).then(async (body) => {
      const { authorization = '', 'content-type': type = '' } = headers;
      const sent = { method: 'POST', headers: { authorization, 'Content-Type': type }, body };
      const given = await fetch(provider.url + url, sent).catch(() => undefined);
      if (given === undefined) return void response.destroy();
      response.writeHead(given.status, { 'Content-Type': given.headers.get('content-type') ?? '' });
      response.end(await given.text());
    });
    return;
  }
  const [, token = ''] = headers.authorization?.split(' ') ?? [];
  const isLive = provider.isLive(token);
  response.writeHead(isLive ? 200 : 401, { 'Content-Type': 'application/json' });
  // A service that repeats the token would give it to the plugin.
  response.end(JSON.stringify({ url, headers: { ...headers, authorization: '' }, isLive }));
});

const stateDir = ownFolder(tap);
const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/coze', import.meta.url)),
  settings: {
    workers: 1,
    stateDir,
    publicUrl: PUBLIC,
    cozeClientId: CLIENT_ID,
    cozeClientSecret: CLIENT_SECRET,
    cozeTokenKeys: `k1:${KEY}`,
    cozeWebUrl: 'https://www.coze.example',
    cozeApiUrl: api.url,
    // The plugin itself may call nobody.
    pluginSettings: { account: { outbound: { hosts: [], identity: false } } },
  },
});
tap.teardown(server.stop);

/** All that left the server but for redirects to Coze, to be searched for secrets. */
const left: string[] = [];

async function ask(user: string, path: string): Promise<Record<string, unknown>> {
  const answer = await post(
    server,
    '/execute/account/ask',
    JSON.stringify({ user_id: user, parameters: { path } }),
    {
      headers: { 'X-Coze-Bot-Id': '77', 'X-Coze-Conversation-Id': 'c-1' },
    },
  );
  left.push(answer.body);
  return Object(dataOf(answer));
}

interface Shown {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** What the browser sends back. */
  readonly cookie: string;
}

/** A browser without cookies but for the one given. `address`: as the server makes it, with its public address. */
async function open(address: string, cookie = '', form?: string): Promise<Shown> {
  const response = await fetch(address.replace(PUBLIC, server.url), {
    redirect: 'manual',
    headers: { cookie, ...(form !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }) },
    ...(form !== undefined && { method: 'POST', body: form }),
  });
  const page = await response.text();
  left.push(page);
  const kept = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
  return { status: response.status, text: page, headers: response.headers, cookie: kept };
}

/** Opens the link of a user and agrees to go to Coze. */
async function begin(user: string): Promise<{ readonly location: string; readonly cookie: string }> {
  const { url } = await ask(user, '/v1/me');
  const page = await open(String(url));
  const [, proof = ''] = /name="proof" value="([\w-]+)"/.exec(page.text) ?? [];
  const sent = await open(String(url), page.cookie, `proof=${proof}`);
  if (sent.status !== 303) throw new Error(`not sent to Coze: ${sent.text}`);
  return { location: sent.headers.get('location') ?? '', cookie: sent.cookie };
}

async function consent(user: string): Promise<Shown> {
  const { location, cookie } = await begin(user);
  const { state, code } = provider.consent(location);
  return open(`${PUBLIC}/oauth/coze/callback?${new URLSearchParams({ state, code })}`, cookie);
}

test('a user follows the link, agrees, and the plugin calls Coze in the name of that user', async (t) => {
  const before = await ask('7480000000000000001', '/v1/me');
  t.match(before, { code: 'CONSENT_REQUIRED' });
  t.match(
    before['url'],
    /^https:\/\/plugins\.example\.com\/oauth\/coze\/authorize\?user=7480000000000000001&until=\d+&sig=/,
  );

  const page = await open(String(before['url']));
  t.equal(page.status, 200);
  t.match(page.text, '7480000000000000001');
  t.match(page.text, 'www.coze.example');
  t.notMatch(page.text, /<script|https?:\/\//, 'it loads nothing and runs nothing');
  t.match(
    page.headers.get('set-cookie'),
    /^__Host-hotlane-consent=.*; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
  );
  t.match(Object.fromEntries(page.headers), {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      /^default-src 'none'; style-src 'sha256-[^;]+; base-uri 'none'; frame-ancestors 'none'$/,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
  });

  const done = await consent('7480000000000000001');
  t.equal(done.status, 200, done.text);
  t.match(done.text, 'Your Coze account is connected');

  const asked = await ask('7480000000000000001', '/v1/bots?page=2');
  t.match(asked, {
    status: 200,
    answer: {
      url: '/v1/bots?page=2',
      headers: {
        'x-coze-user-id': '7480000000000000001',
        'x-coze-bot-id': '77',
        'x-coze-conversation-id': 'c-1',
      },
      isLive: true,
    },
  });
  t.match(
    await ask('7480000000000000002', '/v1/me'),
    { code: 'CONSENT_REQUIRED' },
    'another user has not agreed',
  );
});

test('tokens are refreshed in the middle, and no call notices', async (t) => {
  life = 2000;
  t.equal((await consent('2')).status, 200);
  life = 900_000;
  const { refreshes } = provider;
  await until('the token is refreshed', async () => {
    t.match(await ask('2', '/v1/me'), { status: 200, answer: { isLive: true } });
    return provider.refreshes === refreshes + 1;
  });
  t.match(await ask('2', '/v1/me'), { status: 200 });
});

test('a grant that Coze has ended has to be given again', async (t) => {
  life = 1;
  t.equal((await consent('3')).status, 200);
  life = 900_000;
  provider.revokeAll();
  t.match(await ask('3', '/v1/me'), { code: 'CONSENT_REQUIRED', url: /authorize\?user=3&/ });
  t.equal((await consent('3')).status, 200);
  t.match(await ask('3', '/v1/me'), { status: 200 });
});

test('a way back that is not of this browser, or was used, connects nothing', async (t) => {
  const { location, cookie } = await begin('4');
  const { state, code } = provider.consent(location);
  const callback = `${PUBLIC}/oauth/coze/callback?${new URLSearchParams({ state, code })}`;
  t.match(await open(callback), { status: 400, text: /begun in another browser/ }, 'without a cookie');
  const other = await begin('5');
  t.match(
    await open(callback, other.cookie),
    { status: 400, text: /STATE_FOREIGN/ },
    'with that of another one',
  );
  t.match(await open(callback, cookie), { status: 400, text: /STATE_UNKNOWN/ }, 'now it is used up');
  t.match(await ask('4', '/v1/me'), { code: 'CONSENT_REQUIRED' });
  t.match(await ask('5', '/v1/me'), { code: 'CONSENT_REQUIRED' });
});

test('a link with another user in it is refused', async (t) => {
  const { url } = await ask('6', '/v1/me');
  const forged = String(url).replace('user=6', 'user=7');
  t.match(await open(forged), { status: 403, text: /not valid/ });
  t.match(await open(forged, '', 'proof=x'), { status: 403, text: /not valid/ });
});

test('while Coze fails, pages and plugins say that it is for now', async (t) => {
  provider.handler = (response) =>
    response.writeHead(500, { 'Content-Type': 'text/html' }).end('<b>down</b>');
  t.match(await consent('8'), { status: 503, text: /PROVIDER_FAILED/ });
  provider.handler = undefined;
  life = 1;
  t.equal((await consent('8')).status, 200);
  life = 900_000;
  provider.handler = (response) => response.destroy();
  t.match(await ask('8', '/v1/me'), { code: 'UNAVAILABLE' });
  provider.handler = undefined;
  await until('Coze is asked again', async () => (await ask('8', '/v1/me'))['status'] === 200);
  const said = server.log.filter(({ message }) => message === "Coze's tokens cannot be had");
  t.strictSame(
    said.map(({ fields }) => fields['code']),
    ['PROVIDER_FAILED', 'PROVIDER_DOWN'],
    'the log says why, once each',
  );
});

test('a path that leads elsewhere is refused, and no token goes along', async (t) => {
  for (const path of [
    'http://127.0.0.1:1/',
    '//127.0.0.1:1/',
    '/\\127.0.0.1:1/',
    '@127.0.0.1:1/',
    'v1/me',
    '',
  ]) {
    const body = JSON.stringify({ user_id: '2', parameters: { path } });
    t.equal((await post(server, '/execute/account/ask', body)).status, 500, path);
  }
});

/** What the admin port says of a user's grant. */
async function askAdmin(path: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(`${server.adminUrl}/grants/${path}`, init);
  return { status: response.status, body: await response.json() };
}

test('operators see whether a user has consented, and can have the grant forgotten', async (t) => {
  const act: RequestInit = { method: 'POST', headers: { 'X-Hotlane-Admin': '1' } };
  const never = { status: 200, body: { kind: 'consent-required', why: 'never' } };
  t.strictSame(await askAdmin('nobody'), never);
  t.match(await askAdmin('8'), { status: 200, body: { kind: 'granted', accessExpiresAt: Number } });
  t.match(await askAdmin('x'.repeat(257)), { status: 400 });
  t.match(await askAdmin('8/forget'), { status: 405 });
  t.strictSame(await askAdmin('nobody/forget', act), {
    status: 200,
    body: { kind: 'forgotten', existed: false },
  });
});

test('how users were answered is counted', async (t) => {
  const metrics = parseExposition(await (await fetch(`${server.adminUrl}/metrics`)).text());
  left.push(JSON.stringify(metrics));
  const answers = metrics.find(({ name }) => name === 'hotlane_oauth_answers_total')?.samples ?? [];
  const count = (question: string, outcome: string): number =>
    answers.find(({ labels }) => labels['question'] === question && labels['outcome'] === outcome)?.value ??
    0;
  t.ok(count('token', 'token') > 0);
  t.ok(count('token', 'consent-required') > 0);
  t.ok(count('finish', 'stored') > 0);
  t.ok(count('finish', 'state_foreign') + count('finish', 'state_unknown') > 0);
  t.equal(count('forget', 'forgotten'), 1);
});

test('no token, secret or key leaves the server or stands in its log, its answers or the threads of plugins', async (t) => {
  const shown = await post(server, '/execute/account/show', JSON.stringify({ user_id: '8', parameters: {} }));
  t.match(shown.body, 'status: 200', 'Coze has taken the token');
  t.match(shown.body, 'TokenDesk', 'what is shown reaches to where tokens are');
  await until('the plugin has logged', () => server.log.some(({ message }) => message === 'all there is'));
  const everything = JSON.stringify([left, shown.body, server.log]);
  t.ok(everything.length > 20_000, 'there is much to search');
  for (const secret of [MARK, KEY, KEY.slice(4, 20), 'Bearer']) t.notOk(everything.includes(secret), secret);
  t.ok(existsSync(join(stateDir, 'oauth.db')));
});

test('settings that cannot work together are told before anything starts', async (t) => {
  const keys = { cozeTokenKeys: `k1:${KEY}` };
  const lines: [TestServerOptions['settings'], RegExp][] = [
    [{ cozeClientId: 'x' }, /cozeClientId is set but cozeTokenKeys is not; set it to k1:<key>/],
    [keys, /cozeTokenKeys is set but cozeClientId is not/],
    [{ cozeClientSecret: MARK }, /cozeClientSecret is set but cozeClientId is not/],
    [
      { cozeClientId: 'x', cozeTokenKeys: MARK },
      /cozeTokenKeys: key 1 of 1 must be <id>:<32 bytes in base64>/,
    ],
    [
      { cozeClientId: 'x', ...keys, publicUrl: PUBLIC, cozeClientSecret: `${MARK} é` },
      /cozeClientSecret must be printable/,
    ],
    [{ cozeClientId: 'x', ...keys }, /needs publicUrl/],
    [{ cozeClientId: 'x', ...keys, port: 8080, host: '0.0.0.0' }, /needs publicUrl/],
  ];
  for (const [settings, message] of lines) {
    const problem = await startTestServer({ settings: { ...settings, stateDir } }).then(
      () => undefined,
      (error: unknown) => error,
    );
    t.match(problem, { message }, String(message));
    t.notMatch(String(problem), MARK);
  }
});
