import tap, { test } from 'tap';
import { call, dataOf, envelope } from '../support/http-call.ts';
import { RawConnection, request } from '../support/raw-connection.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer();
tap.teardown(server.stop);

const answerOf = (data: object) => `{"status":"success","data":${JSON.stringify(data)}}`;

test('one connection carries one request after the other', async (t) => {
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  let wrong = 0;
  for (let number = 0; number < 500; number++) {
    connection.send(request(envelope({ number })));
    if ((await connection.answer())?.body !== answerOf({ number })) wrong++;
  }
  t.equal(wrong, 0);
});

/** Sends twenty requests on one connection; how many answers were wrong. */
async function client(name: number): Promise<number> {
  const connection = await RawConnection.to(server.port);
  let wrong = 0;
  for (let number = 0; number < 20; number++) {
    // Half of them answered at once, half after a while, so that answers overtake each other.
    const later = (name + number) % 2 === 0;
    const text = `${name}/${number}${'.'.repeat((name * 37 + number * 911) % 6000)}`;
    const id = `${name}-${number}`;
    connection.send(
      request(envelope(later ? { text, ms: (name * 7 + number) % 15 } : { text }), {
        path: later ? '/execute/reply/later' : '/execute/echo',
        extra: `X-Request-Id: ${id}\r\n`,
      }),
    );
    const answer = await connection.answer();
    if (answer?.body !== answerOf({ text }) || answer.headers.get('x-request-id') !== id) wrong++;
  }
  connection.drop();
  return wrong;
}

test('on many connections at once everybody gets the answer to his own request', async (t) => {
  const wrong = await Promise.all(Array.from({ length: 200 }, (_value, name) => client(name)));
  t.equal(
    wrong.reduce((sum, own) => sum + own, 0),
    0,
  );
});

test('a client that wants its connection closed gets it closed behind the answer', async (t) => {
  for (const path of ['/execute/echo', '/elsewhere']) {
    const connection = await RawConnection.to(server.port);
    connection.send(request(envelope({ a: 1 }), { path, extra: 'Connection: close\r\n' }));
    t.match(await connection.answer(), { status: path === '/elsewhere' ? 404 : 200 });
    await connection.closed;
  }
});

test('a client that asks before it sends its body is told to go on', async (t) => {
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  const [head = '', body = ''] = request(envelope({ a: 1 }), { extra: 'Expect: 100-continue\r\n' }).split(
    /(?<=\r\n\r\n)/,
  );
  connection.send(head);
  t.match(await connection.answer(), { status: 100, body: '' });
  connection.send(body);
  t.match(await connection.answer(), { status: 200, body: answerOf({ a: 1 }) });
});

test('requests sent ahead are answered in order while each is answered at once', async (t) => {
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  connection.send(request('', { path: '/a' }) + request('', { path: '/b', method: 'GET' }));
  t.match(await connection.answer(), { status: 404 });
  t.match(await connection.answer(), { status: 404 });
});

test('a request sent ahead of the answer to a call ends the connection, unanswered', async (t) => {
  const connection = await RawConnection.to(server.port);
  connection.send(request(envelope({ a: 1 })) + request(envelope({ a: 2 })));
  t.equal(await connection.answer(), undefined);
  t.same(dataOf(await call(server, 'echo', { a: 3 })), { a: 3 });
});

test('headers of 15 KB are taken', async (t) => {
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  connection.send(request(envelope({ a: 1 }), { extra: `X-Long: ${'x'.repeat(15_000)}\r\n` }));
  t.match(await connection.answer(), { status: 200, body: answerOf({ a: 1 }) });
  const many = Array.from({ length: 90 }, (_, index) => `X-${index}: ${'x'.repeat(150)}\r\n`).join('');
  connection.send(request(envelope({ a: 1 }), { extra: many }));
  t.match(await connection.answer(), { status: 200, body: answerOf({ a: 1 }) });
});

test('headers past 16 KB, or more than 100 of them, get 431 from the library', async (t) => {
  for (const extra of [`X-Long: ${'x'.repeat(17_000)}\r\n`, 'X-Many: x\r\n'.repeat(110)]) {
    const connection = await RawConnection.to(server.port);
    connection.send(request(envelope({ a: 1 }), { extra }));
    t.match(await connection.answer(), { status: 431 });
    await connection.closed;
  }
});
