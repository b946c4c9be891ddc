import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Test, test } from 'tap';
import { type AdminEndpoints, AdminServer, json } from '../../src/admin/admin-server.ts';

/** An admin server on a free port; its address. */
async function serve(
  t: Test,
  endpoints: AdminEndpoints,
  hostNames?: readonly string[],
): Promise<{ url: string; port: number; server: AdminServer }> {
  const server = new AdminServer(endpoints, hostNames);
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

const ADMIN = { 'X-Hotlane-Admin': '1' };

test('HEAD is answered without a body, other methods are refused with those that are not', async (t) => {
  let acts = 0;
  const act = () => json(200, { acts: ++acts });
  const { url } = await serve(t, { '/a': () => json(200, { x: 1 }), '/act': { POST: act } });
  const head = await fetch(`${url}/a`, { method: 'HEAD' });
  t.equal(head.status, 200);
  t.equal(await head.text(), '');
  for (const [path, method, allow] of [
    ['/a', 'POST', 'GET, HEAD'],
    ['/a', 'OPTIONS', 'GET, HEAD'],
    ['/act', 'GET', 'POST'],
    ['/act', 'HEAD', 'POST'],
    ['/act', 'PUT', 'POST'],
    ['/act', 'OPTIONS', 'POST'],
  ] as const) {
    const answer = await fetch(url + path, { method, headers: ADMIN });
    t.equal(answer.status, 405, `${method} ${path}`);
    t.equal(answer.headers.get('allow'), allow, `${method} ${path}`);
    t.equal(answer.headers.get('access-control-allow-origin'), null, `${method} ${path}`);
  }
  t.equal(acts, 0);
});

test('an endpoint is given what its path holds and what the body says', async (t) => {
  const { url } = await serve(t, {
    '/a/{name}': ({ parameter, body }) => json(200, { name: parameter('name'), hasBody: body !== undefined }),
    '/a/{name}/act': { POST: ({ parameter, body }) => json(200, { name: parameter('name'), body }) },
    '/b': ({ parameter }) => json(200, parameter('name')),
  });
  t.strictSame(await (await fetch(`${url}/a/x%2Fy?name=z`)).json(), { name: 'x/y', hasBody: false });
  const options = { method: 'POST', headers: ADMIN, body: '{"n":1}' };
  t.strictSame(await (await fetch(`${url}/a/x/act`, options)).json(), { name: 'x', body: { n: 1 } });
  t.equal((await fetch(`${url}/b`)).status, 500, 'a parameter the path does not have');
});

test('a body may have 4096 bytes; a larger one is answered with 413, however large', async (t) => {
  const { url } = await serve(t, { '/act': { POST: ({ body }) => json(200, body) } });
  const send = (body: string) => fetch(`${url}/act`, { method: 'POST', headers: ADMIN, body });
  t.equal((await send(JSON.stringify('x'.repeat(4094)))).status, 200);
  for (const size of [4095, 1_000_000]) {
    const answer = await send(JSON.stringify('x'.repeat(size)));
    t.equal(answer.status, 413, `${size}`);
    t.match(await answer.json(), { error: /larger than 4096 bytes/ });
  }
  t.equal((await send('{')).status, 400);
});

/** What a browser sends for a page; unlike `fetch`, this can name any host. */
async function ask(url: string, method: string, headers: Record<string, string>) {
  const call = request(url, { method, headers }).end();
  const [answer] = await once(call, 'response');
  return { status: answer.statusCode, body: JSON.parse(await text(answer)) };
}

test('a form that a web page sends across origins does nothing', async (t) => {
  let acts = 0;
  const { url } = await serve(t, { '/act': { POST: () => json(200, { acts: ++acts }) } });
  const form = { Origin: 'http://evil.example', 'Content-Type': 'text/plain' };
  const refused = await ask(`${url}/act`, 'POST', form);
  t.match(refused, { status: 403, body: { error: 'need the header "X-Hotlane-Admin: 1"' } });
  t.equal(acts, 0);
  t.match(await ask(`${url}/act`, 'POST', ADMIN), { status: 200, body: { acts: 1 } });
});

test('a request for another name than the server’s own is refused, reading as well as acting', async (t) => {
  let served = 0;
  const serveOne = () => json(200, { served: ++served });
  const { url } = await serve(t, { '/a': serveOne, '/act': { POST: serveOne } }, ['admin.internal']);
  for (const [path, method] of [
    ['/a', 'GET'],
    ['/act', 'POST'],
    ['/nothing', 'GET'],
  ] as const) {
    const answer = await ask(url + path, method, { ...ADMIN, Host: 'evil.example' });
    t.match(answer, { status: 403, body: { error: 'got "evil.example"' } }, path);
  }
  t.equal(served, 0);
  for (const host of ['admin.internal:1', 'localhost', '[::1]:9090']) {
    t.equal((await ask(`${url}/a`, 'GET', { Host: host })).status, 200, host);
  }
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
