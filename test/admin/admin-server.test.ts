import { once } from 'node:events';
import { connect } from 'node:net';
import { type Test, test } from 'tap';
import { type AdminEndpoints, AdminServer, json } from '../../src/admin/admin-server.ts';

/** An admin server on a free port; its address. */
async function serve(
  t: Test,
  endpoints: AdminEndpoints,
): Promise<{ url: string; port: number; server: AdminServer }> {
  const server = new AdminServer(endpoints);
  const port = await server.listen('127.0.0.1', 0);
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${port}`, port, server };
}

test('an endpoint’s answer is sent as it is and not cached', async (t) => {
  const { url } = await serve(t, {
    '/a': () => json(503, { x: 1 }),
    '/b': async () => ({ status: 200, type: 'text/plain', body: 'b' }),
  });
  const a = await fetch(`${url}/a?q=1`);
  t.match(a, { status: 503 });
  t.equal(a.headers.get('content-type'), 'application/json');
  t.equal(a.headers.get('cache-control'), 'no-store');
  t.strictSame(await a.json(), { x: 1 });
  t.equal(await (await fetch(`${url}/b`)).text(), 'b');
});

test('an unknown path is told what there is', async (t) => {
  const { url } = await serve(t, { '/a': () => json(200, {}), '/b': () => json(200, {}) });
  for (const path of ['/', '/c', '/constructor', '/a/']) {
    const answer = await fetch(url + path);
    t.equal(answer.status, 404, path);
    t.strictSame(await answer.json(), { error: 'nothing is here; there is /a, /b' });
  }
});

test('HEAD is answered without a body, other methods are refused', async (t) => {
  const { url } = await serve(t, { '/a': () => json(200, { x: 1 }) });
  const head = await fetch(`${url}/a`, { method: 'HEAD' });
  t.equal(head.status, 200);
  t.equal(await head.text(), '');
  t.equal((await fetch(`${url}/a`, { method: 'POST', body: 'x' })).status, 405);
});

test('an endpoint that throws is answered with 500 and the next call is served', async (t) => {
  let fails = true;
  const { url } = await serve(t, {
    '/a': () => {
      if (fails) throw new Error('no numbers today');
      return json(200, {});
    },
  });
  const failed = await fetch(`${url}/a`);
  t.equal(failed.status, 500);
  t.strictSame(await failed.json(), { error: 'no numbers today' });
  fails = false;
  t.equal((await fetch(`${url}/a`)).status, 200);
});

test('a port that is taken is an error', async (t) => {
  const { port } = await serve(t, {});
  await t.rejects(new AdminServer({}).listen('127.0.0.1', port), { code: 'EADDRINUSE' });
});

test('closing ends connections that say nothing', async (t) => {
  const { port, server } = await serve(t, {});
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  const closed = once(idle, 'close');
  idle.resume().on('error', () => undefined);
  await server.close();
  await closed;
});
