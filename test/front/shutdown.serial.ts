import { once } from 'node:events';
import tap, { test } from 'tap';
import { Gate } from '../support/gate.ts';
import { callsInFlight } from '../support/health.ts';
import { call, dataOf, envelope, isError } from '../support/http-call.ts';
import { RawConnection, request, requestHead } from '../support/raw-connection.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MiB = 1024 * 1024;
const gate = new Gate();
tap.teardown(() => gate.close());

async function connectionTo(server: TestServer): Promise<RawConnection> {
  const connection = await RawConnection.to(server.port);
  tap.teardown(() => connection.drop());
  return connection;
}

/** Connections that have each carried a request before. */
async function usedConnections(server: TestServer, count: number): Promise<RawConnection[]> {
  const connections = await Promise.all(Array.from({ length: count }, () => connectionTo(server)));
  for (const connection of connections) {
    connection.send(request(envelope({})));
    await connection.answer();
  }
  return connections;
}

/** Asks for an answer of 15 MiB, which does not fit between the sockets, and stops reading it. */
async function askForMuch(connection: RawConnection): Promise<void> {
  connection.send(request(envelope({ text: 'x', times: 15 * MiB }), { path: '/execute/reply/repeat' }));
  await once(connection.socket, 'data');
  connection.socket.pause();
}

const much = `{"status":"success","data":{"text":"${'x'.repeat(15 * MiB)}"}}`;

test('while a call in flight holds the shutdown up', async (shutdown) => {
  const server = await startTestServer({ settings: { workers: 1 } });
  const [running, uploading, late, getting, lost, asking, idle] = await usedConnections(server, 7);
  if (!running || !uploading || !late || !getting || !lost || !asking || !idle) throw new Error('too few');
  running.send(request(envelope({ label: 'running' }), { path: '/execute/gate/pass' }));
  await gate.entered('running');
  const upload = request(envelope({ a: 1 }));
  uploading.send(upload.slice(0, -10));
  await call(server, 'echo', {});
  const stopped = server.stop();

  await shutdown.test('new connections are refused', async (t) => {
    await t.rejects(RawConnection.to(server.port), { code: 'ECONNREFUSED' });
  });

  await shutdown.test('a new call on an open connection is refused, and the connection ends', async (t) => {
    late.send(request(envelope({ label: 'late' }), { path: '/execute/gate/pass' }));
    const answer = await late.answer();
    isError(t, answer, 'SHUTTING_DOWN');
    t.equal(answer?.headers.get('connection'), 'close');
    await late.closed;
    t.equal(gate.entries('late'), 0);
  });

  await shutdown.test('other requests are answered as ever, and their connections end', async (t) => {
    for (const [connection, method, path, status] of [
      [getting, 'GET', '/execute/echo', 405],
      [lost, 'POST', '/elsewhere', 404],
      [asking, 'OPTIONS', '/execute/echo', 204],
    ] as const) {
      connection.send(requestHead({ method, path }));
      t.match(await connection.answer(), { status }, method);
      await connection.closed;
    }
  });

  await shutdown.test('a call whose body was on its way is received, run and answered', async (t) => {
    uploading.send(upload.slice(-10));
    t.match(await uploading.answer(), { status: 200, body: '{"status":"success","data":{"a":1}}' });
    await uploading.closed;
  });

  await shutdown.test('the admin port tells of it', async (t) => {
    t.equal((await fetch(`${server.adminUrl}/readyz`)).status, 503);
    t.equal((await fetch(`${server.adminUrl}/livez`)).status, 200);
    const health = await (await fetch(`${server.adminUrl}/healthz`)).json();
    t.match(health, { status: 'stopping', calls: { inFlight: 1 } });
  });

  await shutdown.test('the call is finished, and its connection ends behind the answer', async (t) => {
    gate.open('running');
    const answer = await running.answer();
    t.match(answer, { status: 200, body: '{"status":"success","data":{"label":"running"}}' });
    t.equal(answer?.headers.get('connection'), 'close');
    await running.closed;
  });

  await shutdown.test('then idle connections end, and all ports are closed', async (t) => {
    await stopped;
    await idle.closed;
    t.equal(await idle.answer(), undefined);
    await t.rejects(RawConnection.to(server.port), { code: 'ECONNREFUSED' });
    await t.rejects(fetch(`${server.adminUrl}/livez`));
  });

  await shutdown.test('stopping once more changes nothing', async (t) => {
    t.equal(server.stop(), stopped);
    t.equal(server.log.filter(({ message }) => message === 'stopping').length, 1);
  });
});

test('calls that wait are finished, long answers are sent, and nobody waits for who leaves', async (t) => {
  const settings = { workers: 1, concurrency: 1, drainMs: 60_000 };
  const server = await startTestServer({ settings });
  const [reader, leaver] = await Promise.all([connectionTo(server), connectionTo(server)]);
  await askForMuch(reader);
  await askForMuch(leaver);
  const first = call(server, 'gate/pass', { label: 'first' });
  await gate.entered('first');
  const waiting = Array.from({ length: 5 }, (_, n) => call(server, 'echo', { n }));
  await callsInFlight(server, 6);
  const stopped = server.stop();
  gate.open('first');
  t.same(dataOf(await first), { label: 'first' });
  t.same(
    (await Promise.all(waiting)).map(dataOf),
    Array.from(waiting, (_, n) => ({ n })),
  );
  reader.socket.resume();
  t.ok((await reader.answer())?.body === much);
  leaver.drop();
  await stopped;
  t.notOk(server.log.some(isCutOff));
});

test('after drainMs calls are answered 503 and see their signal; what else is open is cut off', async (t) => {
  const server = await startTestServer({ settings: { workers: 1, drainMs: 300 } });
  const [running, sender, reader] = await usedConnections(server, 3);
  if (!running || !sender || !reader) throw new Error('too few');
  await askForMuch(reader);
  sender.send(request(envelope({ a: 1 })).slice(0, -10));
  running.send(request(envelope({ label: 'cut' }), { path: '/execute/gate/pass' }));
  await gate.entered('cut');
  const start = performance.now();
  const stopped = server.stop();
  isError(t, await running.answer(), 'SHUTTING_DOWN');
  const took = performance.now() - start;
  t.ok(took > 295 && took < 3000, `after ${took.toFixed(0)} ms`);
  t.match(await gate.aborted('cut'), 'AbortError');
  await running.closed;
  await stopped;
  reader.socket.resume();
  t.equal(await reader.answer(), undefined);
  t.equal(await sender.answer(), undefined);
  const fields = { requests: 3, calls: 1, drainMs: 300 };
  t.match(server.log.find(isCutOff), { level: 'warn', fields });
});

test('a call stuck in a loop does not keep the server from stopping', async (t) => {
  const server = await startTestServer({ settings: { workers: 1, drainMs: 100 } });
  const stuck = call(server, 'gate/spin', { label: 'spin', ms: 60_000 });
  await gate.entered('spin');
  const stopped = server.stop();
  isError(t, await stuck, 'SHUTTING_DOWN');
  await stopped;
  t.ok(server.log.some(({ message }) => message === 'worker ended'));
});

function isCutOff({ message }: TestServer['log'][number]): boolean {
  return message === 'requests cut off by the shutdown';
}
