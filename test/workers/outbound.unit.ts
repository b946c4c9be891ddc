/** `ctx.fetch` against real services, in this thread. */
import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { type Test, test } from 'tap';
import type { OutboundHost, OutboundPolicy, OutboundSettings } from '../../src/wire/outbound.ts';
import { hostCheck } from '../../workers/outbound/allowed-hosts.ts';
import type { CallFetches } from '../../workers/outbound/call-fetches.ts';
import type { Caller } from '../../workers/outbound/caller-headers.ts';
import { Outbound, PluginOutbound } from '../../workers/outbound/outbound.ts';
import { createWorkerLog } from '../../workers/worker-log.ts';
import { until } from '../support/calls.ts';
import { startUpstream } from '../support/upstream.ts';

const CALLER: Caller = {
  requestId: 'r-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  traceId: '021700000000000',
  userId: '9223372036854775807',
  botId: 'bot',
  conversationId: 'c-1',
};
const OVER = new DOMException('The call is over', 'AbortError');

interface Bench {
  /** One more call of the plugin. */
  readonly call: (caller?: Partial<Caller>) => CallFetches;
  /** What has been reported so far, added up by host. */
  readonly seen: () => ReadonlyMap<string, OutboundHost>;
  readonly close: () => Promise<void>;
}

function start(
  t: Test,
  settings: Partial<OutboundSettings> = {},
  policy: Partial<OutboundPolicy> = {},
): Bench {
  const rows = new Map<string, OutboundHost>();
  const log = createWorkerLog({ postMessage: () => undefined }, 'debug');
  const outbound = new Outbound(
    { connectionsPerHost: 4, idleMs: 30_000, circuit: undefined, ...settings },
    (hosts) => {
      for (const row of hosts) {
        const before = rows.get(row.host);
        const sum = { ...row };
        for (const count of ['answered', 'failed', 'cancelled', 'refused'] as const)
          Object.assign(sum, { [count]: row[count] + (before?.[count] ?? 0) });
        rows.set(row.host, sum);
      }
    },
    log,
  );
  const plugin = new PluginOutbound(outbound, 'weather', { hosts: undefined, identity: true, ...policy });
  const close = (): Promise<void> => outbound.close();
  t.teardown(close);
  return { call: (caller = {}) => plugin.fetchesOf({ ...CALLER, ...caller }), seen: () => rows, close };
}

test('a connection is used again by the next call', async (t) => {
  const service = await startUpstream(t, (_, response) => response.end('hello'));
  const { call } = start(t);
  for (let n = 0; n < 3; n++) {
    const response = await call().fetch(service.url);
    t.ok(response instanceof Response, 'an answer of the global kind');
    t.equal(await response.text(), 'hello');
    // The connection is free when the event loop has turned.
    await turn();
  }
  t.equal(service.connections.taken, 1);
});

test('50 requests at once share the connections there may be', async (t) => {
  const service = await startUpstream(t, (_, response) => setTimeout(() => response.end('{}'), 5));
  const { call } = start(t);
  const { fetch } = call();
  await Promise.all(Array.from({ length: 50 }, async () => (await fetch(service.url)).json()));
  t.equal(service.requests.length, 50);
  t.equal(service.connections.taken, 4);
});

test('a connection that is not used is closed', async (t) => {
  const service = await startUpstream(t, (_, response) => response.end());
  const { call } = start(t, { idleMs: 50 });
  await (await call().fetch(service.url)).text();
  await until('the connection is closed', () => service.connections.open === 0);
  await (await call().fetch(service.url)).text();
  t.equal(service.connections.taken, 2);
});

test('a connection that the service has closed meanwhile is not used', async (t) => {
  const service = await startUpstream(t, (_, response) => response.end('hello'));
  const { call } = start(t);
  for (let n = 0; n < 3; n++) {
    t.equal(await (await call().fetch(service.url)).text(), 'hello');
    await turn();
    // The thread does not hear of it before the next fetch begins.
    service.closeConnections();
  }
  t.equal(service.connections.taken, 3);
});

test('a request ends with its call, and the call begins no other', async (t) => {
  const service = await startUpstream(t, () => undefined);
  const { call, seen, close } = start(t);
  const { fetch, end } = bound(call());
  const answer = t.rejects(fetch(service.url), OVER);
  await until('the service is asked', () => service.requests.length === 1);
  end(OVER);
  await answer;
  await until('the request is dropped', () => service.connections.open === 0);
  await t.rejects(fetch(service.url), OVER);
  t.equal(service.requests.length, 1);
  await close();
  t.match(seen().get(`127.0.0.1:${service.port}`), { cancelled: 1, failed: 0, pending: 0, connections: 0 });
});

test('a request that waits for a connection ends with its call too', async (t) => {
  const service = await startUpstream(t, (request, response) => {
    if (request.url === '/free') response.end();
  });
  const { call, seen, close } = start(t, { connectionsPerHost: 1 });
  const first = call();
  const second = call();
  const answers = [first, second].map((one, n) => t.rejects(one.fetch(`${service.url}/${n}`), OVER));
  await until('the service is asked', () => service.requests.length === 1);
  second.end(OVER);
  await answers[1];
  first.end(OVER);
  await answers[0];
  t.equal((await call().fetch(`${service.url}/free`)).status, 200);
  t.strictSame(
    service.requests.map(({ url }) => url),
    ['/0', '/free'],
  );
  await close();
  t.match(seen().get(`127.0.0.1:${service.port}`), { cancelled: 2, answered: 1, pending: 0 });
});

test('an answer that nobody reads costs its connection, one that is read does not', async (t) => {
  const service = await startUpstream(t, (_, response) => response.end(Buffer.alloc(4_000_000)));
  const { call, seen, close } = start(t);
  const unread = call();
  t.equal((await unread.fetch(service.url)).status, 200);
  unread.end(OVER);
  await until('the connection is closed', () => service.connections.open === 0);
  const read = call();
  t.equal((await (await read.fetch(service.url)).arrayBuffer()).byteLength, 4_000_000);
  read.end(OVER);
  await turn();
  await (await call().fetch(service.url)).arrayBuffer();
  t.equal(service.connections.taken, 2);
  await close();
  t.match(seen().get(`127.0.0.1:${service.port}`), { answered: 3, cancelled: 0, failed: 0 });
});

test('the plugin’s own signal ends the request, and nothing stays on it', async (t) => {
  const service = await startUpstream(t, (request, response) => {
    if (request.url === '/now') response.end('{}');
  });
  const { call } = start(t);
  const own = new AbortController();
  const { fetch } = call();
  for (let n = 0; n < 3; n++) await (await fetch(`${service.url}/now`, { signal: own.signal })).json();
  t.equal(getEventListeners(own.signal, 'abort').length, 0, 'after answers');
  const reason = new Error('enough');
  const asked = [
    fetch(service.url, { signal: own.signal }),
    fetch(new Request(service.url, { signal: own.signal })),
  ].map((answer) => t.rejects(answer, reason));
  await until('the service is asked', () => service.requests.length === 5);
  own.abort(reason);
  await Promise.all(asked);
  await t.rejects(fetch(service.url, { signal: own.signal }), reason, 'aborted before it began');
  t.equal(getEventListeners(own.signal, 'abort').length, 0, 'after it has aborted');
  const dropped = service.requests.filter(({ url }) => url === '/');
  await until('the requests are dropped', () => dropped.every(({ socket }) => socket.destroyed));
});

test('bodies stream both ways', async (t) => {
  const service = await startUpstream(t, (request, response) => request.pipe(response));
  const { call } = start(t);
  const body = new ReadableStream<Uint8Array>({
    start(stream) {
      for (const word of ['one ', 'two ', 'three']) stream.enqueue(new TextEncoder().encode(word));
      stream.close();
    },
  });
  const answer = await call().fetch(service.url, { method: 'POST', body, duplex: 'half' });
  t.equal(await answer.text(), 'one two three');
  const form = new FormData();
  form.set('city', '北京');
  const echoed = await call().fetch(new Request(service.url, { method: 'POST', body: form }));
  t.match(await echoed.text(), /name="city"\r\n\r\n北京/, 'a form of the global kind');
});

test('the service is told which call it is asked for, and by whom', async (t) => {
  const service = await startUpstream(t, (request, response) =>
    response.end(JSON.stringify(request.headers)),
  );
  const asked = async (
    bench: Bench,
    caller: Partial<Caller> = {},
    init: RequestInit = {},
  ): Promise<unknown> => (await bench.call(caller).fetch(service.url, init)).json();
  const bench = start(t);
  t.match(await asked(bench), {
    'x-request-id': 'r-1',
    traceparent: CALLER.traceparent,
    'x-coze-user-id': '9223372036854775807',
    'x-coze-bot-id': 'bot',
    'x-coze-conversation-id': 'c-1',
  });
  const set = { 'X-Request-Id': 'mine', 'X-COZE-USER-ID': 'nobody', accept: 'text/plain' };
  t.match(
    await asked(bench, {}, { headers: set }),
    { 'x-request-id': 'mine', 'x-coze-user-id': 'nobody', accept: 'text/plain' },
    'what the plugin sets stays',
  );
  const request = new Request(service.url, { headers: { 'x-request-id': 'mine', 'x-own': '1' } });
  t.match(await (await bench.call().fetch(request)).json(), { 'x-request-id': 'mine', 'x-own': '1' });
  const strange = await asked(bench, {
    botId: '机器人',
    conversationId: 'a\r\nb: c',
    traceparent: undefined,
  });
  t.strictSame(
    Object.keys(Object(strange)).filter((name) => /bot|conv|trace/.test(name)),
    [],
    'what no header can carry is left out',
  );
  const silent = start(t, {}, { identity: false });
  t.strictSame(
    Object.keys(Object(await asked(silent)))
      .filter((name) => /coze|trace|request/.test(name))
      .toSorted(),
    ['traceparent', 'x-request-id'],
    'who calls need not be told',
  );
});

test('a redirect to another host does not take the caller’s ids along', async (t) => {
  const second = await startUpstream(t, (request, response) => response.end(JSON.stringify(request.headers)));
  const first = await startUpstream(t, (request, response) => {
    if (request.url === '/here') response.end(JSON.stringify(request.headers));
    else response.writeHead(307, { location: request.url === '/' ? '/here' : second.url }).end('moved');
  });
  const { call } = start(t);
  const same: unknown = await (await call().fetch(first.url)).json();
  t.match(same, { 'x-coze-user-id': CALLER.userId, 'x-request-id': 'r-1' }, 'the same host');
  const headers = { 'X-Coze-Bot-Id': 'mine', 'x-own': '1' };
  const other: unknown = await (await call().fetch(`${first.url}/away`, { headers })).json();
  t.match(other, { 'x-request-id': 'r-1', traceparent: CALLER.traceparent, 'x-own': '1' });
  t.strictSame(
    Object.keys(Object(other)).filter((name) => name.includes('coze')),
    [],
  );
});

test('a host off the list is refused, also as the target of a redirect', async (t) => {
  const second = await startUpstream(t, (_, response) => response.end());
  const first = await startUpstream(t, (_, response) =>
    response.writeHead(302, { location: second.url }).end(),
  );
  const { call, seen, close } = start(t, {}, { hosts: [`127.0.0.1:${first.port}`] });
  const refused = {
    name: 'OutboundError',
    code: 'HOST_NOT_ALLOWED',
    host: `127.0.0.1:${second.port}`,
    message: `weather may not call 127.0.0.1:${second.port}: allow it with pluginSettings.weather.outbound.hosts, or for all plugins with outboundHosts`,
  };
  await t.rejects(call().fetch(second.url), refused);
  await t.rejects(call().fetch(first.url), refused);
  t.equal(second.connections.taken, 0);
  await close();
  t.match(seen().get(`127.0.0.1:${second.port}`), { refused: 2, connections: 0 });
});

test('a list of hosts is read as it says', async (t) => {
  const allowed = hostCheck(['api.Example.com', ' api.example.com:8443', '*.example.org', '127.0.0.1:81']);
  const may = (url: string): boolean => allowed(new URL(url));
  for (const url of [
    'http://api.example.com',
    'https://API.example.com:443/x',
    'https://api.example.com:8443',
    'https://a.example.org',
    'https://a.b.example.org',
    'http://2130706433:81',
  ]) {
    t.ok(may(url), url);
  }
  for (const url of [
    'http://api.example.com:8080',
    'https://api.example.com.evil.net',
    'https://evil-api.example.com',
    'https://example.org',
    'https://evilexample.org',
    'https://a.example.org:8443',
    'https://api.example.com@evil.net',
    'http://127.0.0.1',
  ]) {
    t.notOk(may(url), url);
  }
  t.notOk(hostCheck([])(new URL('https://a.example.org')), 'an empty list allows nothing');
  t.ok(hostCheck(undefined)(new URL('https://a.example.org')), 'no list allows everything');
});

const CIRCUIT = { failurePercent: 50, windowMs: 10_000, minCalls: 4, pauseMs: 100 };

test('a host that keeps failing is left alone for a while, and taken back when it answers', async (t) => {
  let status = 503;
  const service = await startUpstream(t, (_, response) => response.writeHead(status).end());
  const { call, seen, close } = start(t, { circuit: CIRCUIT });
  const ask = async (): Promise<number> => {
    const response = await call().fetch(service.url);
    await response.text();
    return response.status;
  };
  for (let n = 0; n < 4; n++) t.equal(await ask(), 503, 'the plugin sees each answer');
  await t.rejects(ask(), { name: 'OutboundError', code: 'CIRCUIT_OPEN', message: /again in 1 s/ });
  t.equal(service.requests.length, 4, 'it was not asked');
  status = 200;
  await until('it is tried again', async () => {
    const answer = await ask().catch(() => undefined);
    return answer === 200;
  });
  t.equal(await ask(), 200);
  await close();
  t.match(seen().get(`127.0.0.1:${service.port}`), { answered: 6, failed: 0 });
});

test('no connection, a lost one and running out of time are failures; 4xx and giving up are not', async (t) => {
  const service = await startUpstream(t, (request, response) => {
    if (request.url === '/400') response.writeHead(400).end();
    if (request.url === '/cut') response.write('{', () => response.destroy());
    if (request.url === '/none') response.destroy();
  });
  const { call, seen, close } = start(t, { circuit: CIRCUIT });
  const host = `127.0.0.1:${service.port}`;
  for (let n = 0; n < 10; n++) t.equal((await call().fetch(`${service.url}/400`)).status, 400);
  const given = call();
  const dropped = Array.from({ length: 10 }, () => t.rejects(given.fetch(`${service.url}/wait`), OVER));
  await until('the service is asked', () => service.requests.length === 14);
  given.end(OVER);
  await Promise.all(dropped);
  t.equal((await call().fetch(`${service.url}/400`)).status, 400, 'its circuit is closed');

  const bad = start(t, { circuit: CIRCUIT });
  await t.rejects(bad.call().fetch(`${service.url}/none`), { message: 'fetch failed' });
  await t.rejects((await bad.call().fetch(`${service.url}/cut`)).json());
  await t.rejects(bad.call().fetch(`${service.url}/wait`, { signal: AbortSignal.timeout(20) }), {
    name: 'TimeoutError',
  });
  const late = bad.call();
  const answer = t.rejects(late.fetch(`${service.url}/wait`), { name: 'TimeoutError' });
  await until(
    'the service is asked',
    () => service.requests.filter(({ url }) => url === '/wait').length >= 6,
  );
  late.end(new DOMException('The call has passed its deadline', 'TimeoutError'));
  await answer;
  await t.rejects(bad.call().fetch(`${service.url}/400`), { code: 'CIRCUIT_OPEN' });
  await bad.close();
  t.match(bad.seen().get(host), { failed: 4, answered: 0, refused: 1 });

  const nobody = start(t, { circuit: CIRCUIT });
  // Discards what it is sent: nobody listens there.
  const discard = 'http://127.0.0.1:10';
  for (let n = 0; n < 4; n++) await t.rejects(nobody.call().fetch(discard), { message: 'fetch failed' });
  await t.rejects(nobody.call().fetch(discard), { code: 'CIRCUIT_OPEN' });
  await close();
  t.match(seen().get(host), { answered: 11, cancelled: 10, failed: 0 });
});

test('a plugin that calls ever new hosts keeps few connections', async (t) => {
  const service = await startUpstream(t, (_, response) => response.end());
  const { call, seen, close } = start(t, { circuit: CIRCUIT });
  const { fetch } = call();
  for (let n = 0; n < 300; n++) {
    const host = `127.0.${1 + (n >> 8)}.${n & 255}`;
    await (await fetch(`http://${host}:${service.port}`)).text();
  }
  await until('the oldest are closed', () => service.connections.open <= 256);
  t.equal(service.connections.taken, 300);
  await close();
  await until('all are closed', () => service.connections.open === 0);
  const rows = [...seen().values()];
  t.equal(
    rows.reduce((sum, { answered }) => sum + answered, 0),
    300,
    'every answer is counted',
  );
});

/** Its parts, to be used apart. */
function bound(fetches: CallFetches): Pick<CallFetches, 'fetch' | 'end'> {
  return { fetch: fetches.fetch, end: (reason) => fetches.end(reason) };
}
