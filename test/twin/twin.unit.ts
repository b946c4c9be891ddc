import { createHash } from 'node:crypto';
import { type Test, test } from 'tap';
import { isObject, type JsonObject, parseJson } from '../../src/twin/json.ts';
import { sendEvent, signEvent } from '../../src/twin/send-event.ts';
import { AUTHORIZE_PATH, startTwin, TOKEN_PATH, type Twin, type TwinOptions } from '../../src/twin/twin.ts';
import { recorder } from './recorder.ts';

const HOME = 'http://127.0.0.1:1/oauth/coze/callback';

async function twinOf(t: Test, options: TwinOptions = {}): Promise<Twin> {
  const twin = await startTwin({ clientId: 'app', clientSecret: 's3cret', consent: 'allow', ...options });
  t.teardown(() => twin.close());
  return twin;
}

function authorizeUrl(twin: Twin, more: Record<string, string> = {}): string {
  const query = { response_type: 'code', client_id: 'app', redirect_uri: HOME, state: 'st', ...more };
  return `${twin.url}${AUTHORIZE_PATH}?${new URLSearchParams(query)}`;
}

/** Where the browser is sent. */
async function sentTo(url: string, init: RequestInit = {}): Promise<URL> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  return new URL(response.headers.get('location') ?? 'nowhere:', url);
}

interface Told {
  readonly status: number;
  readonly body: JsonObject;
}

async function told(response: Response): Promise<Told> {
  const body = parseJson(await response.text());
  return { status: response.status, body: isObject(body) ? body : {} };
}

async function ask(twin: Twin, body: JsonObject, secret: string | undefined = 's3cret'): Promise<Told> {
  const headers = new Headers({ 'Content-Type': 'application/json' });
  if (secret !== '') headers.set('Authorization', `Bearer ${secret}`);
  const text = JSON.stringify({ client_id: 'app', ...body });
  return told(await fetch(twin.url + TOKEN_PATH, { method: 'POST', headers, body: text }));
}

async function code(twin: Twin, more?: Record<string, string>): Promise<string> {
  const { searchParams } = await sentTo(authorizeUrl(twin, more));
  return searchParams.get('code') ?? '';
}

function redeem(twin: Twin, value: string, more: JsonObject = {}, secret?: string): Promise<Told> {
  const body = { grant_type: 'authorization_code', code: value, redirect_uri: HOME, ...more };
  return ask(twin, body, secret);
}

function refresh(twin: Twin, { body }: Told): Promise<Told> {
  return ask(twin, { grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '' });
}

async function me(twin: Twin, { body }: Told): Promise<Told> {
  const headers = { Authorization: `Bearer ${String(body['access_token'])}` };
  return told(await fetch(`${twin.url}/v1/users/me`, { headers }));
}

test('consent on the page leads to a pair of tokens and to the API', async (t) => {
  const twin = await twinOf(t, { consent: 'ask' });
  const page = await sentTo(authorizeUrl(twin));
  t.equal(page.pathname, '/oauth/consent');
  t.match(await (await fetch(page)).text(), /<b>app<\/b> asks[\s\S]*value="allow"[\s\S]*value="deny"/);
  const form = { authorize_key: page.searchParams.get('authorize_key') ?? '', user: '42', decision: 'allow' };
  const press = { method: 'POST', body: new URLSearchParams(form) };
  const home = await sentTo(`${twin.url}/oauth/consent`, press);
  t.equal(home.origin + home.pathname, HOME);
  t.equal(home.searchParams.get('state'), 'st');
  const before = Math.floor(Date.now() / 1000);
  const pair = await redeem(twin, home.searchParams.get('code') ?? '');
  t.equal(pair.status, 200);
  t.strictSame(Object.keys(pair.body), ['access_token', 'expires_in', 'refresh_token']);
  const expires = Number(pair.body['expires_in']);
  t.ok(expires >= before + 900 && expires <= before + 902, 'expires_in is a point in time');
  t.match(await me(twin, pair), { status: 200, body: { code: 0, data: { user_id: '42' } } });
  t.equal((await fetch(`${twin.url}/oauth/consent`, press)).status, 400, 'the request is decided once');
});

test('a denial sends the browser home with an error', async (t) => {
  const twin = await twinOf(t);
  const home = await sentTo(authorizeUrl(twin, { auto: 'deny' }));
  t.strictSame(Object.fromEntries(home.searchParams), { error: 'access_denied', state: 'st' });
});

test('an authorize address that is wrong is not followed', async (t) => {
  const twin = await twinOf(t, { redirectUris: [HOME] });
  const wrong = {
    response_type: 'token',
    client_id: 'other',
    redirect_uri: `${HOME}/`,
    state: '',
    code_challenge: 'short',
    code_challenge_method: 'plain',
  };
  for (const [name, value] of Object.entries(wrong)) {
    const more = name === 'code_challenge_method' ? { code_challenge: 'a'.repeat(43) } : {};
    const response = await fetch(authorizeUrl(twin, { ...more, [name]: value }), { redirect: 'manual' });
    const error = { error_code: 'invalid_request', error_message: `invalid request: ${name}` };
    t.strictSame(await told(response), { status: 400, body: error });
  }
});

test('a code works once, with the secret, for the same address', async (t) => {
  const twin = await twinOf(t);
  t.match(await redeem(twin, await code(twin), {}, 'wrong'), {
    status: 401,
    body: { error_code: 'invalid_client' },
  });
  t.match(await redeem(twin, await code(twin), {}, ''), {
    status: 401,
    body: { error_code: 'invalid_client' },
  });
  const elsewhere = await redeem(twin, await code(twin), { redirect_uri: `${HOME}/x` });
  t.match(elsewhere, { status: 400, body: { error_message: 'invalid request: code' } });
  const value = await code(twin);
  const pair = await redeem(twin, value);
  t.equal(pair.status, 200);
  t.equal((await redeem(twin, value)).status, 400, 'used');
  t.match(await me(twin, pair), { status: 401, body: { code: 4100 } }, 'a code used twice ends its grant');
});

test('PKCE takes the place of the secret', async (t) => {
  const twin = await twinOf(t, { clientSecret: undefined });
  const verifier = 'v'.repeat(43);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
  t.equal(await code(twin), '', 'an app without a secret has to use it');
  t.equal((await redeem(twin, await code(twin, pkce), {}, '')).status, 400);
  t.equal((await redeem(twin, await code(twin, pkce), { code_verifier: 'other' }, '')).status, 400);
  const pair = await redeem(twin, await code(twin, pkce), { code_verifier: verifier }, '');
  t.equal(pair.status, 200);
  const next = await ask(
    twin,
    { grant_type: 'refresh_token', refresh_token: pair.body['refresh_token'] ?? '' },
    '',
  );
  t.match(await me(twin, next), { status: 200 });
});

test('each refresh ends the token before it, and a second use ends the grant', async (t) => {
  const twin = await twinOf(t);
  const first = await redeem(twin, await code(twin));
  const second = await refresh(twin, first);
  t.equal(second.status, 200);
  t.not(second.body['refresh_token'], first.body['refresh_token']);
  t.equal((await me(twin, second)).status, 200);
  t.match(await refresh(twin, first), {
    status: 400,
    body: { error_message: 'invalid request: refresh_token' },
  });
  t.equal((await refresh(twin, second)).status, 400, 'nor does the newer one work any more');
  t.equal((await me(twin, second)).status, 401);
});

test('tokens end when their time is over, or consent is withdrawn', async (t) => {
  const twin = await twinOf(t, { accessSeconds: 0 });
  const pair = await redeem(twin, await code(twin, { user: '1' }));
  t.equal((await me(twin, pair)).status, 401, 'the access token is over');
  const next = await refresh(twin, pair);
  t.equal(next.status, 200, 'the refresh token is not');
  twin.revoke('2');
  const after = await refresh(twin, next);
  t.equal(after.status, 200, 'another user has withdrawn');
  twin.revoke('1');
  t.equal((await refresh(twin, after)).status, 400);
});

test('a token request that Coze does not understand is told why', async (t) => {
  const twin = await twinOf(t);
  const form = { method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code' }) };
  t.match(await told(await fetch(twin.url + TOKEN_PATH, form)), {
    status: 400,
    body: { error_code: 'invalid_request' },
  });
  const password = {
    error_code: 'unsupported_grant_type',
    error_message: 'not supported grant type: password',
  };
  t.strictSame(await ask(twin, { grant_type: 'password' }), { status: 400, body: password });
  const other = await ask(twin, { grant_type: 'refresh_token', client_id: 'other' });
  t.match(other.body, { error_message: 'invalid request: client_id' });
});

test('a chat is begun, looked at and read by the user whose it is', async (t) => {
  const twin = await twinOf(t);
  const request = async (pair: Told, path: string, body?: JsonObject): Promise<Told> =>
    told(
      await fetch(twin.url + path, {
        headers: {
          Authorization: `Bearer ${String(pair.body['access_token'])}`,
          'Content-Type': 'application/json',
        },
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      }),
    );
  const pair = await redeem(twin, await code(twin));
  const said = [{ role: 'user', content: 'echo me', content_type: 'text' }];
  const begun = await request(pair, '/v3/chat', { bot_id: '7', user_id: 'x', additional_messages: said });
  t.match(begun, { status: 200, body: { code: 0, data: { status: 'in_progress', bot_id: '7' } } });
  const { data } = begun.body;
  const ids = isObject(data)
    ? `conversation_id=${String(data['conversation_id'])}&chat_id=${String(data['id'])}`
    : '';
  t.match(await request(pair, `/v3/chat/retrieve?${ids}`), { body: { data: { status: 'completed' } } });
  const read = await request(pair, `/v3/chat/message/list?${ids}`);
  t.match(read, { body: { data: [{ role: 'assistant', type: 'answer', content: 'echo me' }] } });
  const other = await redeem(twin, await code(twin, { user: '2' }));
  t.match(await request(other, `/v3/chat/retrieve?${ids}`), { status: 400, body: { code: 4000 } });
  t.match(await request(pair, '/v3/chat', {}), { status: 400, body: { msg: 'bot_id is required' } });
});

test('trouble comes as often as it was asked for, and a lost answer has done its work', async (t) => {
  const twin = await twinOf(t);
  const pair = await redeem(twin, await code(twin));
  twin.disturb(TOKEN_PATH, { kind: 'error', status: 503 }, 1);
  t.match(await refresh(twin, pair), { status: 503, body: { error_code: 'internal_error' } });
  twin.disturb(TOKEN_PATH, { kind: 'html' });
  t.strictSame(await refresh(twin, pair), { status: 200, body: {} });
  twin.disturb(TOKEN_PATH, { kind: 'slow', ms: 30 });
  const started = performance.now();
  const next = await refresh(twin, pair);
  t.ok(performance.now() - started >= 25, 'late');
  t.equal(next.status, 200, 'and right');
  twin.disturb(TOKEN_PATH, { kind: 'lost' }, 1);
  await t.rejects(refresh(twin, next));
  twin.calm();
  t.equal((await refresh(twin, next)).status, 400, 'the lost answer has used the token');
  t.equal(twin.requests.filter(({ path }) => path === TOKEN_PATH).length, 6);
});

test('an event is signed over timestamp, nonce, token and body', async (t) => {
  t.equal(
    signEvent('1700000000000', 'nonce', 'token', '{"a":1}'),
    createHash('sha1').update('1700000000000noncetoken{"a":1}').digest('hex'),
  );
  const server = await recorder(t, (response) => response.end('{}'));
  const event = {
    to: `${server.url}/coze/callback`,
    token: 't0ken',
    type: 'bot.published',
    event: { bot_id: '7' },
  };
  const first = await sendEvent(event);
  t.match(first, { outcome: 'taken', status: 200, body: '{}' });
  await sendEvent({ ...event, eventId: first.eventId });
  await sendEvent({ ...event, corrupt: 'body' });
  await sendEvent({ ...event, corrupt: 'signature' });
  const right = server.seen.map(({ headers, body }) => {
    const { 'x-coze-timestamp': time, 'x-coze-nonce': nonce, 'x-coze-signature': signature } = headers;
    return signEvent(String(time), String(nonce), 't0ken', body) === signature;
  });
  t.strictSame(right, [true, true, false, false]);
  t.match(server.seen[0]?.headers['x-coze-timestamp'], /^\d{13}$/);
  const [one, again, other] = server.seen.map(({ body }) => parseJson(body));
  const header = { event_type: 'bot.published', event_id: first.eventId, created_at: Number };
  t.match(one, { header, event: { bot_id: '7' } });
  t.match(again, { header: { event_id: first.eventId } }, 'the same event again');
  t.notMatch(other, { header: { event_id: first.eventId } });
});

test('an event that is refused, late or not delivered is told apart', async (t) => {
  const server = await recorder(t, (response, { url }) => {
    if (url === '/refuse') response.writeHead(401).end('no');
  });
  const event = { token: 't', type: 'x' };
  t.match(await sendEvent({ ...event, to: `${server.url}/refuse` }), {
    outcome: 'refused',
    status: 401,
    body: 'no',
  });
  t.match(await sendEvent({ ...event, to: `${server.url}/hang`, patienceMs: 50 }), { outcome: 'late' });
  const gone = await startTwin();
  await gone.close();
  t.match(await sendEvent({ ...event, to: gone.url }), { outcome: 'unreachable', reason: /ECONNREFUSED/ });
});
