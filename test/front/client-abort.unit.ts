import tap, { test } from 'tap';
import { Gate } from '../support/gate.ts';
import { callsInFlight } from '../support/health.ts';
import { call, dataOf, envelope } from '../support/http-call.ts';
import { RawConnection, request, requestHead } from '../support/raw-connection.ts';
import { startTestServer } from '../support/server.ts';

// One call at a time, so that a second one has to wait.
const server = await startTestServer({ settings: { workers: 1, concurrency: 1 } });
tap.teardown(server.stop);
const gate = new Gate();
tap.teardown(() => gate.close());

const pass = (label: string, signal?: AbortSignal) =>
  call(server, 'gate/pass', { label }, signal && { signal });

/** A connection that has asked the gate plugin for this label. */
async function connectionAt(label: string): Promise<RawConnection> {
  const connection = await RawConnection.to(server.port);
  connection.send(request(envelope({ label }), { path: '/execute/gate/pass' }));
  return connection;
}

test('calls whose clients left while they waited are never run', async (t) => {
  const busy = pass('busy');
  await gate.entered('busy');
  const waiting = await Promise.all(Array.from({ length: 10 }, () => connectionAt('left')));
  const stayed = pass('stayed');
  await callsInFlight(server, 12);
  for (const connection of waiting) connection.drop();
  await callsInFlight(server, 2);
  gate.open('busy');
  t.same(dataOf(await busy), { label: 'busy' });
  await gate.entered('stayed');
  gate.open('stayed');
  t.same(dataOf(await stayed), { label: 'stayed' });
  t.equal(gate.entries('left'), 0);
});

test('a running call sees by its signal that its client has left, and makes room', async (t) => {
  const controller = new AbortController();
  const left = pass('leaving', controller.signal);
  await gate.entered('leaving');
  const next = pass('next');
  controller.abort();
  await t.rejects(left, { name: 'AbortError' });
  t.equal(await gate.aborted('leaving'), 'AbortError');
  await gate.entered('next');
  gate.open('next');
  t.same(dataOf(await next), { label: 'next' });
});

test('a client that half-closes behind its request gets no answer; its call sees that', async (t) => {
  const connection = await connectionAt('half-closed');
  await gate.entered('half-closed');
  connection.socket.end();
  t.equal(await connection.answer(), undefined);
  t.equal(await gate.aborted('half-closed'), 'AbortError');
});

test('a client that leaves in the middle of its body leaves nothing behind', async (t) => {
  const whole = request(envelope({ label: 'cut' }), { path: '/execute/gate/pass' });
  for (const bytes of [whole.slice(0, 50), whole.slice(0, -1)]) {
    const connection = await RawConnection.to(server.port);
    connection.send(bytes);
    await callsInFlight(server, 0);
    connection.drop();
  }
  const connection = await RawConnection.to(server.port);
  connection.send(requestHead({ extra: 'Transfer-Encoding: chunked\r\n' }), '5\r\n{"use');
  await callsInFlight(server, 0);
  connection.drop();
  t.same(dataOf(await call(server, 'echo', { a: 1 })), { a: 1 });
  t.equal(gate.entries('cut'), 0);
});

/** Asks for an answer and leaves some turns of the event loop later. */
async function comeAndGo(index: number): Promise<void> {
  const connection = await RawConnection.to(server.port);
  connection.send(request(envelope({ text: 'x', ms: index % 3 }), { path: '/execute/reply/later' }));
  for (let turn = 0; turn < index % 7; turn++) await new Promise(setImmediate);
  connection.drop();
}

test('many clients that come and go at any moment disturb nobody else', async (t) => {
  for (let index = 0; index < 100; index++) {
    const others = [
      call(server, 'echo', { index }),
      call(server, 'reply/later', { text: `${index}`, ms: 1 }),
    ];
    await Promise.all([0, 1, 2].map((more) => comeAndGo(3 * index + more)));
    t.same((await Promise.all(others)).map(dataOf), [{ index }, { text: `${index}` }]);
  }
  await callsInFlight(server, 0);
});
