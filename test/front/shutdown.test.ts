import { once } from 'node:events';
import { type Test, test } from 'tap';
import { Gate } from '../support/gate.ts';
import { callsInFlight } from '../support/health.ts';
import { call, dataOf, envelope, isError } from '../support/http-call.ts';
import { RawConnection, request, requestHead } from '../support/raw-connection.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MiB = 1024 * 1024;

/** A server with one call in flight, so that a shutdown has something to wait for. */
async function serverWithCall(t: Test, drainMs = 10_000) {
  const gate = new Gate();
  t.teardown(() => gate.close());
  const server = await startTestServer({ settings: { workers: 1, drainMs } });
  t.teardown(server.stop);
  const connection = await connectionTo(t, server);
  connection.send(request(envelope({ label: t.name }), { path: '/execute/gate/pass' }));
  await gate.entered(t.name);
  return { gate, server, connection, finish: () => gate.open(t.name) };
}

async function connectionTo(t: Test, server: TestServer): Promise<RawConnection> {
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  return connection;
}

test('a call in flight is finished, and its connection ends behind the answer', async (t) => {
  const { server, connection, finish } = await serverWithCall(t);
  const stopped = server.stop();
  finish();
  const answer = await connection.answer();
  t.match(answer, { status: 200, body: JSON.stringify({ status: 'success', data: { label: t.name } }) });
  t.equal(answer?.headers.get('connection'), 'close');
  await connection.closed;
  await stopped;
});

test('new connections are refused', async (t) => {
  const { server, finish } = await serverWithCall(t);
  const stopped = server.stop();
  await t.rejects(RawConnection.to(server.port), { code: 'ECONNREFUSED' });
  finish();
  await stopped;
  await t.rejects(RawConnection.to(server.port), { code: 'ECONNREFUSED' });
});

test('a new call on an open connection is refused with 503, and the connection ends', async (t) => {
  const { gate, server, finish } = await serverWithCall(t);
  const open = await connectionTo(t, server);
  open.send(request(envelope({ a: 1 })));
  t.match(await open.answer(), { status: 200 });
  const stopped = server.stop();
  open.send(request(envelope({ label: 'late' }), { path: '/execute/gate/pass' }));
  const answer = await open.answer();
  isError(t, answer, 'SHUTTING_DOWN');
  t.equal(answer?.headers.get('connection'), 'close');
  await open.closed;
  finish();
  await stopped;
  t.equal(gate.entries('late'), 0);
});

test('other requests on open connections are answered as ever, and their connections end', async (t) => {
  const { server, finish } = await serverWithCall(t);
  const requests = [
    ['GET', '/execute/echo', 405],
    ['POST', '/elsewhere', 404],
    ['OPTIONS', '/execute/echo', 204],
  ] as const;
  const connections = await Promise.all(requests.map(() => connectionTo(t, server)));
  for (const connection of connections) {
    connection.send(request(envelope({})));
    await connection.answer();
  }
  const stopped = server.stop();
  for (const [index, [method, path, status]] of requests.entries()) {
    connections[index]?.send(requestHead({ method, path }));
    t.match(await connections[index]?.answer(), { status }, method);
    await connections[index]?.closed;
  }
  finish();
  await stopped;
});

test('an idle connection ends', async (t) => {
  const server = await startTestServer({ settings: { workers: 1 } });
  const idle = await connectionTo(t, server);
  idle.send(request(envelope({})));
  await idle.answer();
  await server.stop();
  await idle.closed;
  t.equal(await idle.answer(), undefined);
});

test('what is not finished within drainMs is answered 503, and its signal is aborted', async (t) => {
  const { gate, server, connection } = await serverWithCall(t, 200);
  const start = performance.now();
  const stopped = server.stop();
  isError(t, await connection.answer(), 'SHUTTING_DOWN');
  const took = performance.now() - start;
  t.ok(took > 195 && took < 2000, `after ${took.toFixed(0)} ms`);
  t.match(await gate.aborted(t.name), 'AbortError');
  await connection.closed;
  await stopped;
});

test('a call stuck in a loop does not keep the server from stopping', async (t) => {
  const gate = new Gate();
  t.teardown(() => gate.close());
  const server = await startTestServer({ settings: { workers: 1, drainMs: 100 } });
  const stuck = call(server, 'gate/spin', { label: 'spin', ms: 60_000 });
  await gate.entered('spin');
  const stopped = server.stop();
  isError(t, await stuck, 'SHUTTING_DOWN');
  await stopped;
  t.ok(server.log.some(({ message }) => message === 'worker ended'));
});

test('calls that wait at shutdown are finished too', async (t) => {
  const server = await startTestServer({ settings: { workers: 1, concurrency: 1 } });
  const calls = Array.from({ length: 5 }, (_, n) => call(server, 'reply/later', { text: `${n}`, ms: 200 }));
  await callsInFlight(server, 5);
  const stopped = server.stop();
  t.same(
    (await Promise.all(calls)).map(dataOf),
    Array.from(calls, (_, n) => ({ text: `${n}` })),
  );
  await stopped;
});

test('a large answer arrives whole although its client reads late', async (t) => {
  const server = await startTestServer({ settings: { workers: 1 } });
  const connection = await connectionTo(t, server);
  const times = 15 * MiB;
  connection.send(request(envelope({ text: 'x', times }), { path: '/execute/reply/repeat' }));
  await once(connection.socket, 'data');
  // What is sent from now on fills what is between the sockets, and more than that.
  connection.socket.pause();
  const stopped = server.stop();
  await fetch(`${server.adminUrl}/livez`);
  connection.socket.resume();
  const answer = await connection.answer();
  t.ok(answer?.body === `{"status":"success","data":{"text":"${'x'.repeat(times)}"}}`);
  await stopped;
});

test('nobody waits for a client that leaves in the middle of its answer', async (t) => {
  const server = await startTestServer({ settings: { workers: 1, drainMs: 60_000 } });
  const connection = await connectionTo(t, server);
  connection.send(request(envelope({ text: 'x', times: 15 * MiB }), { path: '/execute/reply/repeat' }));
  await once(connection.socket, 'data');
  connection.socket.pause();
  const stopped = server.stop();
  connection.drop();
  await stopped;
  t.notOk(server.log.some(({ message }) => message === 'requests cut off by the shutdown'));
});

test('a request whose body is on its way is received and answered', async (t) => {
  const server = await startTestServer({ settings: { workers: 1 } });
  const connection = await connectionTo(t, server);
  const bytes = request(envelope({ a: 1 }));
  connection.send(bytes.slice(0, -10));
  await call(server, 'echo', {});
  const stopped = server.stop();
  connection.send(bytes.slice(-10));
  t.match(await connection.answer(), { status: 200, body: '{"status":"success","data":{"a":1}}' });
  await connection.closed;
  await stopped;
});

test('a client that never finishes its body or its reading is cut off after drainMs', async (t) => {
  const server = await startTestServer({ settings: { workers: 1, drainMs: 200 } });
  const [sender, reader] = await Promise.all([connectionTo(t, server), connectionTo(t, server)]);
  sender.send(request(envelope({ a: 1 })).slice(0, -10));
  reader.send(request(envelope({ text: 'x', times: 15 * MiB }), { path: '/execute/reply/repeat' }));
  await once(reader.socket, 'data');
  reader.socket.pause();
  await server.stop();
  t.equal(await sender.answer(), undefined);
  reader.socket.resume();
  t.equal(await reader.answer(), undefined);
  const line = server.log.find(({ message }) => message === 'requests cut off by the shutdown');
  t.match(line, { level: 'warn', fields: { requests: 2, calls: 0, drainMs: 200 } });
});

test('the admin port tells of the shutdown, and closes last', async (t) => {
  const { server, connection, finish } = await serverWithCall(t);
  t.equal((await fetch(`${server.adminUrl}/readyz`)).status, 200);
  const stopped = server.stop();
  t.equal((await fetch(`${server.adminUrl}/readyz`)).status, 503);
  t.match(await (await fetch(`${server.adminUrl}/healthz`)).json(), {
    status: 'stopping',
    calls: { inFlight: 1 },
  });
  t.equal((await fetch(`${server.adminUrl}/livez`)).status, 200);
  finish();
  await connection.answer();
  await stopped;
  await t.rejects(fetch(`${server.adminUrl}/livez`));
});

test('stopping twice is stopping once', async (t) => {
  const server = await startTestServer({ settings: { workers: 1 } });
  const first = server.stop();
  t.equal(server.stop(), first);
  await first;
  t.equal(server.log.filter(({ message }) => message === 'stopping').length, 1);
});
