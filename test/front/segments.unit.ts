/**
 * TCP is free to cut a request anywhere.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'tap';
import { envelope } from '../support/http-call.ts';
import { RawConnection, request, requestHead } from '../support/raw-connection.ts';
import { sharedServer } from '../support/shared-server.ts';

const server = await sharedServer();

/** Long enough for the server, which shares this thread, to read what has been written. */
const PAUSE = 30;

const parameters = { text: 'é界🙂' };
const body = envelope(parameters);
const expected = `{"status":"success","data":${JSON.stringify(parameters)}}`;

function chunk(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** The body with one chunk per `size` bytes. */
function inChunks(size: number): Buffer {
  const bytes = Buffer.from(body);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(chunk(bytes.subarray(at, at + size)));
  return Buffer.concat([
    Buffer.from(requestHead({ extra: 'Transfer-Encoding: chunked\r\n' })),
    ...chunks,
    chunk(Buffer.alloc(0)),
  ]);
}

const forms: readonly (readonly [string, Buffer])[] = [
  ['with a length', Buffer.from(request(body))],
  ['in one chunk', inChunks(1000)],
  ['in chunks of three bytes', inChunks(3)],
];

for (const [form, bytes] of forms) {
  test(`a request ${form} is understood wherever it is cut in two`, async (t) => {
    const connections = await Promise.all(Array.from(bytes, () => RawConnection.to(server.port)));
    connections.forEach((connection, at) => connection.send(bytes.subarray(0, at)));
    await delay(PAUSE);
    connections.forEach((connection, at) => connection.send(bytes.subarray(at)));
    const answers = await Promise.all(connections.map((connection) => connection.answer()));
    t.same(
      answers.map((answer) => answer?.body),
      Array.from(bytes, () => expected),
    );
    for (const connection of connections) connection.drop();
  });

  test(`a request ${form} is understood byte by byte, and the next one too`, async (t) => {
    const connection = await RawConnection.to(server.port);
    for (let round = 0; round < 2; round++) {
      for (const byte of bytes) {
        connection.send(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
      t.equal((await connection.answer())?.body, expected);
    }
    connection.drop();
  });
}

test('a cut behind a request and amid the next one separates them', async (t) => {
  const connection = await RawConnection.to(server.port);
  const bytes = Buffer.from(request(body));
  connection.send(bytes);
  t.equal((await connection.answer())?.body, expected);
  connection.send(bytes.subarray(0, 40));
  await delay(PAUSE);
  connection.send(bytes.subarray(40));
  t.equal((await connection.answer())?.body, expected);
  connection.drop();
});

test('a request that announces no body is answered wherever its head is cut, and the next one too', async (t) => {
  const bytes = Buffer.from(request(''));
  const connections = await Promise.all(Array.from(bytes, () => RawConnection.to(server.port)));
  connections.forEach((connection, at) => connection.send(bytes.subarray(0, at)));
  await delay(PAUSE);
  connections.forEach((connection, at) => connection.send(bytes.subarray(at)));
  const answers = await Promise.all(connections.map((connection) => connection.answer()));
  t.same(new Set(answers.map((answer) => answer?.status)), new Set([400]));
  for (const connection of connections) connection.send(request(body));
  const next = await Promise.all(connections.map((connection) => connection.answer()));
  t.same(new Set(next.map((answer) => answer?.body)), new Set([expected]));
  for (const connection of connections) connection.drop();
});
