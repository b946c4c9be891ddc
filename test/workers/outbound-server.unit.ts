/** `ctx.fetch` in the workers of a real server. */
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { call, metricsOf, until } from '../support/calls.ts';
import { type ServerLine, startTestServer } from '../support/server.ts';
import { startUpstream } from '../support/upstream.ts';

const service = await startUpstream(tap, (request, response) => {
  if (request.url === '/wait') return;
  if (request.url === '/broken') response.writeHead(502);
  response.end(request.url === '/large' ? Buffer.alloc(4_000_000) : JSON.stringify(request.headers));
});
const host = `127.0.0.1:${service.port}`;
const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/outbound', import.meta.url)),
  settings: {
    workers: 1,
    breakerMinCalls: 5,
    breakerPauseMs: 60_000,
    pluginSettings: { caller: { outbound: { hosts: [host, `localhost:${service.port}`] } } },
  },
});
tap.teardown(server.stop);

const asked = (url: string): number => service.requests.filter((request) => request.url === url).length;
/** The warnings about hosts, or about what plugins leave behind. */
const warnings = (about: RegExp): readonly ServerLine[] =>
  server.log.filter(({ level, message }) => level === 'warn' && about.test(message));

/** Waits until the metric has this value: workers report once a second. */
async function metric(name: string, value: number): Promise<void> {
  await until(`${name} is ${value}`, async () => (await metricsOf(server)).get(name) === value);
}

test('a tool asks a service, which is told who asks', async (t) => {
  const headers = {
    'X-Request-Id': 'r-17',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'X-Coze-Bot-Id': 'bot',
  };
  const { status, body } = await call(server, 'caller/get', { url: service.url }, { headers });
  t.equal(status, 200);
  t.match(JSON.parse(String(Object(body.data).text)), {
    'x-request-id': 'r-17',
    traceparent: headers.traceparent,
    'x-coze-user-id': '1',
    'x-coze-bot-id': 'bot',
  });
  await call(server, 'caller/get', { url: service.url });
  t.equal(service.connections.taken, 1, 'the next call uses the same connection');
  await metric(`hotlane_outbound_requests_total{host="${host}",result="answered"}`, 2);
  await metric(`hotlane_outbound_connections{host="${host}"}`, 1);
  await metric(`hotlane_outbound_pending{host="${host}"}`, 0);
  await metric(`hotlane_outbound_circuit{host="${host}",state="closed"}`, 1);
});

test('at the deadline of the call its request to the service is dropped', async (t) => {
  const { status } = await call(server, 'caller/get', { url: `${service.url}/wait` });
  t.equal(status, 504);
  t.equal(asked('/wait'), 1);
  await until('the request is dropped', () => service.connections.open === 0);
  await metric(`hotlane_outbound_requests_total{host="${host}",result="failed"}`, 1);
});

test('when the caller leaves, the request to the service is dropped', async (t) => {
  const caller = new AbortController();
  const answer = t.rejects(
    call(server, 'caller/get', { url: `${service.url}/wait` }, { signal: caller.signal }),
  );
  await until('the service is asked', () => asked('/wait') === 2);
  caller.abort();
  await answer;
  await until('the request is dropped', () => service.connections.open === 0);
  await metric(`hotlane_outbound_requests_total{host="${host}",result="cancelled"}`, 1);
});

test('what a call leaves under way ends with it', async (t) => {
  t.match(await call(server, 'caller/look', { url: `${service.url}/large` }), { status: 200 });
  await until('the connection is closed', () => service.connections.open === 0);
  await call(server, 'caller/forget', { url: `${service.url}/wait` });
  await until('it is told', () => server.log.some(({ message }) => message === 'forgotten'));
  t.match(
    server.log.find(({ message }) => message === 'forgotten'),
    { fields: { why: 'AbortError', plugin: 'caller' } },
  );
});

test('a host that is not on the list is an error the tool can answer with', async (t) => {
  const { status, body } = await call(server, 'caller/get', { url: 'http://127.0.0.2:8099/' });
  t.equal(status, 200);
  t.match(body, { status: 'error', message: /^caller may not call 127\.0\.0\.2:8099: allow it with / });
  await metric('hotlane_outbound_requests_total{host="127.0.0.2:8099",result="refused"}', 1);
});

test('a host that keeps failing is not asked any more, others are', async (t) => {
  const url = `http://localhost:${service.port}`;
  for (let n = 0; n < 5; n++) await call(server, 'caller/get', { url: `${url}/broken` });
  const { body } = await call(server, 'caller/get', { url });
  t.match(body, { message: `localhost:${service.port} has failed too often; it is tried again in 60 s` });
  t.equal(asked('/broken'), 5);
  t.match(await call(server, 'caller/get', { url: service.url }), { status: 200 });
  await metric(`hotlane_outbound_circuit{host="localhost:${service.port}",state="open"}`, 1);
  t.match(warnings(/circuit/), [
    { message: 'calls to a host fail: its circuit is open', fields: { host: `localhost:${service.port}` } },
  ]);
});

test('a worker that goes closes its connections, and no plugin is blamed for them', async (t) => {
  await call(server, 'caller/get', { url: service.url });
  t.not(service.connections.open, 0);
  await server.stop();
  await until('all connections are closed', () => service.connections.open === 0);
  t.strictSame(warnings(/left something behind/), []);
});
