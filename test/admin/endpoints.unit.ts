import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { untilWhole } from '../support/calls.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/context', import.meta.url)),
  settings: { workers: 1 },
});
tap.teardown(server.stop);

const get = (path: string): Promise<Response> => fetch(server.adminUrl + path);

test('a running server is alive and ready', async (t) => {
  for (const [path, status] of [
    ['/livez', 'alive'],
    ['/readyz', 'ready'],
  ] as const) {
    const answer = await get(path);
    t.equal(answer.status, 200);
    t.strictSame(await answer.json(), { status });
  }
});

test('health shows workers, plugins with their tools, and calls', async (t) => {
  await untilWhole(server);
  const answer = await get('/healthz');
  t.equal(answer.status, 200);
  const { uptimeSeconds, ...health } = (await answer.json()) as { readonly uptimeSeconds: number };
  t.ok(uptimeSeconds >= 0);
  t.strictSame(health, {
    status: 'healthy',
    stopping: false,
    workers: { wanted: 1, serving: 1, zombies: 0, zombieLimit: 2 },
    plugins: {
      loaded: [{ name: 'context', version: '1.0.0', tools: ['show', 'log', 'print', 'asks-late'] }],
      failed: [],
      refused: [],
    },
    calls: { waiting: 0, inFlight: 0 },
  });
});

test('metrics come in Prometheus’s text format', async (t) => {
  const answer = await get('/metrics');
  t.equal(answer.status, 200);
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  t.match(await answer.text(), /^# HELP hotlane_calls_total /);
});

test('the admin port answers nothing of the plugins, the plugins’ port nothing of the admin', async (t) => {
  t.equal((await fetch(`${server.adminUrl}/execute/context/show`, { method: 'POST' })).status, 404);
  for (const path of ['/livez', '/readyz', '/healthz', '/metrics']) {
    t.equal((await fetch(server.url + path)).status, 404, path);
  }
});
