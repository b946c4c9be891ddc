import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { Agent, request as nodeRequest } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { test } from 'tap';
import { gatheringBytes } from '../../src/front/body.ts';
import { type Answer, dataOf, envelope, isError, post } from '../support/http-call.ts';
import { ownFolder } from '../support/own-folder.ts';
import { RawConnection, request, requestHead } from '../support/raw-connection.ts';
import { sharedServer } from '../support/shared-server.ts';

const server = await sharedServer();

const MiB = 1024 * 1024;

/** A valid body of exactly so many bytes. */
function bodyOf(bytes: number): string {
  return envelope({ a: 'x'.repeat(bytes - envelope({ a: '' }).length) });
}

/** The answer of echo to it. */
function echoOf(bytes: number): string {
  return `{"status":"success","data":{"a":"${'x'.repeat(bytes - envelope({ a: '' }).length)}"}}`;
}

/** The bytes of a text, sent with chunked encoding in pieces of this size. */
function streamOf(body: string, piece: number): ReadableStream {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= body.length) controller.close();
      else controller.enqueue(Buffer.from(body.slice(at, (at += piece))));
    },
  });
}

const send = (body: string | ReadableStream) => post(server, '/execute/echo', body);
const small = request(envelope({ a: 1 }));

test('a body of exactly 1 MiB is taken, whether its length is told or not', async (t) => {
  t.ok((await send(bodyOf(MiB))).body === echoOf(MiB));
  for (const piece of [MiB, 65_537, 1000]) {
    t.ok((await send(streamOf(bodyOf(MiB), piece))).body === echoOf(MiB), `in pieces of ${piece}`);
  }
});

test('one byte more is refused', async (t) => {
  isError(t, await send(bodyOf(MiB + 1)), 'BODY_TOO_LARGE');
  for (const piece of [2 * MiB, 65_537, 1000]) {
    isError(t, await send(streamOf(bodyOf(MiB + 1), piece)), 'BODY_TOO_LARGE');
  }
});

test('fetch receives the 413, however large the body', async (t) => {
  for (const size of [2 * MiB, 15 * MiB]) {
    isError(t, await send(bodyOf(size)), 'BODY_TOO_LARGE');
    isError(t, await send(streamOf(bodyOf(size), 65_536)), 'BODY_TOO_LARGE');
  }
});

test('node:http receives the 413, and its connection goes on', async (t) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const ports = new Set<number | undefined>();
  const sendByNode = async (body: string, headers: Record<string, number>): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const outgoing = nodeRequest(`${server.url}/execute/echo`, {
      agent,
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      ports.add(incoming.socket.localPort);
      const headersOf = new Headers(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      text(incoming).then(
        (read) => resolve({ status: incoming.statusCode ?? 0, headers: headersOf, body: read }),
        reject,
      );
    });
    outgoing.end(body);
    return promise;
  };
  const large = bodyOf(3 * MiB);
  for (let round = 0; round < 3; round++) {
    isError(t, await sendByNode(large, { 'Content-Length': large.length }), 'BODY_TOO_LARGE');
    isError(t, await sendByNode(large, {}), 'BODY_TOO_LARGE');
    t.same(dataOf(await sendByNode(envelope({ a: 1 }), {})), { a: 1 });
  }
  t.equal(ports.size, 1, 'all on one connection');
});

test('a raw connection receives the 413 when all is sent and not before, and goes on', async (t) => {
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  const length = request(bodyOf(2 * MiB));
  const chunked = `${requestHead({ extra: 'Transfer-Encoding: chunked\r\n' })}200000\r\n${bodyOf(2 * MiB)}\r\n0\r\n\r\n`;
  for (const bytes of [length, chunked]) {
    const before = connection.socket.bytesRead;
    connection.send(bytes.slice(0, -10));
    await send(envelope({}));
    t.equal(connection.socket.bytesRead, before);
    connection.send(bytes.slice(-10));
    isError(t, await connection.answer(), 'BODY_TOO_LARGE');
    connection.send(small);
    t.match(await connection.answer(), { status: 200 });
  }
});

test('an answer that does not depend on the body comes at once, and the connection goes on', async (t) => {
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  for (const [options, code] of [
    [{ path: '/elsewhere' }, 'NOT_FOUND'],
    [{ path: '/execute/nobody' }, 'UNKNOWN_PLUGIN'],
    [{ method: 'PUT' }, 'METHOD_NOT_ALLOWED'],
  ] as const) {
    const bytes = request(bodyOf(3 * MiB), options);
    connection.send(bytes.slice(0, MiB));
    isError(t, await connection.answer(), code);
    connection.send(bytes.slice(MiB), small);
    t.match(await connection.answer(), { status: 200 });
  }
});

const curl = spawnSync('curl', ['--version']).error === undefined ? {} : { skip: 'curl is not installed' };

test('curl receives the 413, and its connection goes on', curl, async (t) => {
  const file = join(ownFolder(t), 'body.json');
  await writeFile(file, bodyOf(3 * MiB));
  const url = `${server.url}/execute/echo`;
  const common = ['-sS', '-w', ' %{http_code} %{num_connects}\n', '-H', 'Content-Type: application/json'];
  const next = ['--next', ...common, '--data', envelope({ a: 1 }), url];
  for (const chunked of [[], ['-H', 'Transfer-Encoding: chunked']]) {
    const args = [...common, ...chunked, '--data-binary', `@${file}`, url, ...next];
    const { stdout } = await promisify(execFile)('curl', args, { timeout: 30_000 });
    const [refused, taken] = stdout.split('\n');
    t.match(refused, /"code":"BODY_TOO_LARGE".* 413 1$/);
    t.match(taken, /"status":"success".* 200 0$/, 'no new connection');
  }
});

test('whoever goes on past 16 MiB is cut off', async (t) => {
  const piece = Buffer.alloc(MiB, 'x');
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')]);
  for (const [head, part] of [
    [requestHead({ extra: `Content-Length: ${200 * MiB}\r\n` }), piece],
    [requestHead({ extra: 'Transfer-Encoding: chunked\r\n' }), chunk],
  ] as const) {
    const connection = await RawConnection.to(server.port);
    connection.send(head);
    let sent = 0;
    while (!connection.socket.destroyed && sent < 200) {
      await new Promise<unknown>((resolve) => {
        connection.socket.write(part, resolve);
      });
      sent++;
    }
    t.ok(sent < 40, `cut off after ${sent} MiB`);
    await connection.closed;
    connection.send(small);
    t.match(await send(envelope({})), { status: 200 }, 'others are served');
  }
});

test('refused bodies leave no memory behind', async (t) => {
  const bytes = Buffer.from(request(bodyOf(MiB + 1)));
  const chunked = Buffer.from(
    `${requestHead({ extra: 'Transfer-Encoding: chunked\r\n' })}100001\r\n${bodyOf(MiB + 1)}\r\n0\r\n\r\n`,
  );
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  const round = async (): Promise<void> => {
    for (const whole of [bytes, chunked]) {
      connection.send(whole);
      await connection.answer();
    }
  };
  for (let count = 0; count < 30; count++) await round();
  const before = process.memoryUsage().rss;
  for (let count = 0; count < 150; count++) await round();
  const grown = (process.memoryUsage().rss - before) / MiB;
  t.ok(grown < 50, `${grown.toFixed(1)} MiB more after 300 MiB`);
  t.equal(gatheringBytes(), 0);
});

test('a body that never ends holds memory only until its client leaves', async (t) => {
  const connections = await Promise.all(Array.from({ length: 20 }, () => RawConnection.to(server.port)));
  for (const connection of connections) {
    connection.send(
      requestHead({ extra: 'Transfer-Encoding: chunked\r\n' }),
      '80000\r\n',
      Buffer.alloc(0x80000, 'x'),
    );
  }
  while (gatheringBytes() < 20 * 0x80000) await new Promise(setImmediate);
  t.match(await send(envelope({})), { status: 200 }, 'others are served');
  for (const connection of connections) connection.drop();
  while (gatheringBytes() > 0) await new Promise(setImmediate);
});
