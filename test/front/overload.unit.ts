import tap, { test } from 'tap';
import { Gate } from '../support/gate.ts';
import { callsInFlight } from '../support/health.ts';
import { call, dataOf, envelope, isError } from '../support/http-call.ts';
import { RawConnection, request } from '../support/raw-connection.ts';
import { startTestServer } from '../support/server.ts';

// One call runs, three wait.
const server = await startTestServer({ settings: { workers: 1, concurrency: 1, queueLimit: 3 } });
tap.teardown(server.stop);
const gate = new Gate();
tap.teardown(() => gate.close());

const pass = (label: string) => call(server, 'gate/pass', { label });

test('a full queue refuses with 503 and Retry-After; what waited is answered', async (t) => {
  const running = pass('running');
  await gate.entered('running');
  const waiting = [1, 2, 3].map((number) => call(server, 'echo', { number }));
  await callsInFlight(server, 4);
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  for (let round = 0; round < 3; round++) {
    connection.send(request(envelope({ label: 'refused' }), { path: '/execute/gate/pass' }));
    isError(t, await connection.answer(), 'QUEUE_FULL');
  }
  gate.open('running');
  t.same(dataOf(await running), { label: 'running' });
  t.same((await Promise.all(waiting)).map(dataOf), [{ number: 1 }, { number: 2 }, { number: 3 }]);
  t.equal(gate.entries('refused'), 0);
  connection.send(request(envelope({ a: 1 })));
  t.match(await connection.answer(), { status: 200 }, 'the connection goes on');
});

test('whoever leaves the queue makes room in it', async (t) => {
  const running = pass('again');
  await gate.entered('again');
  const leaving = await Promise.all([1, 2, 3].map(() => RawConnection.to(server.port)));
  for (const connection of leaving) connection.send(request(envelope({})));
  await callsInFlight(server, 4);
  isError(t, await call(server, 'echo', {}), 'QUEUE_FULL');
  for (const connection of leaving) connection.drop();
  await callsInFlight(server, 1);
  const next = [4, 5, 6].map((number) => call(server, 'echo', { number }));
  await callsInFlight(server, 4);
  isError(t, await call(server, 'echo', {}), 'QUEUE_FULL');
  gate.open('again');
  await running;
  t.same((await Promise.all(next)).map(dataOf), [{ number: 4 }, { number: 5 }, { number: 6 }]);
});

test('of a hundred calls at once each is answered or refused, none is lost', async (t) => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, number) => {
      const answer = await call(server, 'reply/later', { text: `${number}`, ms: 2 });
      if (answer.status === 200)
        return JSON.stringify(dataOf(answer)) === `{"text":"${number}"}` ? 'right' : 'wrong';
      return answer.status === 503 && answer.headers.get('retry-after') === '1' ? 'refused' : answer.body;
    }),
  );
  const count = (kind: string) => answers.filter((answer) => answer === kind).length;
  t.equal(count('right') + count('refused'), 100);
  t.ok(count('right') >= 4, `${count('right')} answered`);
});
