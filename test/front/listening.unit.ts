import { createServer, type Server } from 'node:net';
import { type Test, test } from 'tap';
import { call, dataOf } from '../support/http-call.ts';
import { startTestServer } from '../support/server.ts';

/** A port of 127.0.0.1 that somebody else listens on. */
async function takenPort(t: Test): Promise<number> {
  const other: Server = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => other.close());
  const address = other.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

test('an admin port in use keeps the server from starting, and the port is told', async (t) => {
  const adminPort = await takenPort(t);
  await t.rejects(startTestServer({ settings: { workers: 1, adminPort } }), {
    code: 'EADDRINUSE',
    port: adminPort,
  });
});

test('a port in use is told and keeps the server from starting; it is free when the other server has stopped', async (t) => {
  // Below the ports that systems give to outgoing connections, so that none of those comes between.
  const settings = { workers: 1, port: 20_000 + (process.pid % 10_000) };
  let first = await startTestServer({ settings }).catch(() => undefined);
  for (let tries = 0; first === undefined && tries < 20; tries++) {
    settings.port++;
    first = await startTestServer({ settings }).catch(() => undefined);
  }
  if (first === undefined) throw new Error('no free port');
  await t.rejects(startTestServer({ settings }), { code: 'EADDRINUSE', port: settings.port });
  t.same(dataOf(await call(first, 'echo', { a: 1 })), { a: 1 });
  // The client's connection stays open, so it is the server that ends it and has to let go of the port.
  await first.stop();
  const second = await startTestServer({ settings });
  t.teardown(second.stop);
  t.same(dataOf(await call(second, 'echo', { a: 2 })), { a: 2 });
});

test('the server listens where it is told and nowhere else', async (t) => {
  const server = await startTestServer({ settings: { workers: 1, host: '127.0.0.2' } });
  t.teardown(server.stop);
  t.match(server.url, /^http:\/\/127\.0\.0\.2:/);
  t.same(dataOf(await call(server, 'echo', { a: 1 })), { a: 1 });
  await t.rejects(call({ url: `http://127.0.0.1:${server.port}` }, 'echo', {}), {
    cause: { code: 'ECONNREFUSED' },
  });
});

test('an IPv6 address stands in brackets in the URL', async (t) => {
  const server = await startTestServer({ settings: { workers: 1, host: '::1' } }).catch(() => undefined);
  if (server === undefined) {
    t.comment('this machine has no IPv6');
    return;
  }
  t.teardown(server.stop);
  t.match(server.url, /^http:\/\/\[::1\]:\d+$/);
  t.same(dataOf(await call(server, 'echo', { a: 1 })), { a: 1 });
});
