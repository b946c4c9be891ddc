/**
 * Where a message ends must never be in doubt: a proxy in front may see it differently, and then a part of
 * one caller's body becomes another caller's request. Some of it the library refuses by itself, in HTML.
 */
import tap, { test } from 'tap';
import { Gate } from '../support/gate.ts';
import { call, envelope, isError } from '../support/http-call.ts';
import { RawConnection, request, requestHead } from '../support/raw-connection.ts';
import { sharedServer } from '../support/shared-server.ts';

const server = await sharedServer();
const gate = new Gate();
tap.teardown(() => gate.close());

const body = envelope({ a: 1 });
const length = body.length;
const chunked = `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const success = '{"status":"success","data":{"a":1}}';

/** Sends the bytes on a new connection and waits for the first answer. */
async function send(bytes: string) {
  const connection = await RawConnection.to(server.port);
  connection.send(bytes);
  const answer = await connection.answer();
  return { connection, answer };
}

test('one Content-Length of digits, or chunked, is understood', async (t) => {
  for (const bytes of [
    request(body),
    `${requestHead({ extra: `content-length:${length}\r\n` })}${body}`,
    `${requestHead({ extra: `CONTENT-LENGTH: \t ${length} \t \r\n` })}${body}`,
    `${requestHead({ extra: `Content-Length: 000${length}\r\n` })}${body}`,
    `${requestHead({ extra: 'Transfer-Encoding: chunked\r\n' })}${chunked}`,
    `${requestHead({ extra: 'transfer-encoding:chunked\r\n' })}000${chunked}`,
  ]) {
    const { connection, answer } = await send(bytes);
    t.equal(answer?.body, success, bytes);
    connection.send(request(body));
    t.equal((await connection.answer())?.body, success, 'and the connection goes on');
    connection.drop();
  }
});

for (const [what, extra] of [
  ['two equal Content-Lengths', `Content-Length: ${length}\r\nContent-Length: ${length}\r\n`],
  ['two different Content-Lengths', `Content-Length: ${length}\r\nContent-Length: 3\r\n`],
  [
    'two different Content-Lengths, the short one first',
    `Content-Length: 3\r\nContent-Length: ${length}\r\n`,
  ],
  ['an empty Content-Length', 'Content-Length:\r\n'],
  ['a Content-Length of blanks', 'Content-Length:  \t \r\n'],
  ['a Transfer-Encoding that only contains chunked', 'Transfer-Encoding: xchunked\r\n'],
  ['a Transfer-Encoding in another case', 'Transfer-Encoding: Chunked\r\n'],
  ['a list of transfer encodings', 'Transfer-Encoding: gzip, chunked\r\n'],
  ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'],
  ['another transfer encoding', 'Transfer-Encoding: identity\r\n'],
  ['an empty Transfer-Encoding', 'Transfer-Encoding:\r\n'],
] as const) {
  test(`${what}: refused, and nothing behind it is taken for a request`, async (t) => {
    for (const [method, path] of [
      ['POST', '/execute/echo'],
      ['POST', '/elsewhere'],
      ['GET', '/execute/echo'],
      ['OPTIONS', '/execute/echo'],
    ] as const) {
      const { connection, answer } = await send(requestHead({ method, path, extra }));
      isError(t, answer, 'BAD_FRAMING');
      t.equal(answer?.headers.get('connection'), 'close');
      connection.send(request(body));
      t.equal(await connection.answer(), undefined, 'a later request is not answered');

      // In one piece, however long the first body is taken to be: not at all, 3 bytes, an empty chunk.
      for (const start of ['', 'abc', '0\r\n\r\n']) {
        const next = request(envelope({ label: 'behind' }), { path: '/execute/gate/pass' });
        const { connection: other } = await send(`${requestHead({ method, path, extra })}${start}${next}`);
        await other.closed;
      }
    }
    // With one worker, whatever was run before this call has told so before.
    const last = call(server, 'gate/pass', { label: what });
    await gate.entered(what);
    t.equal(gate.entries('behind'), 0, 'and never run');
    gate.open(what);
    await last;
  });
}

for (const [what, bytes] of [
  ['a signed Content-Length', `${requestHead({ extra: `Content-Length: +${length}\r\n` })}${body}`],
  ['a negative Content-Length', `${requestHead({ extra: `Content-Length: -${length}\r\n` })}${body}`],
  ['a hexadecimal Content-Length', `${requestHead({ extra: `Content-Length: 0x22\r\n` })}${body}`],
  [
    'a list of Content-Lengths',
    `${requestHead({ extra: `Content-Length: ${length}, ${length}\r\n` })}${body}`,
  ],
  [
    'a Content-Length past 64 bits',
    `${requestHead({ extra: `Content-Length: ${'9'.repeat(30)}\r\n` })}${body}`,
  ],
  ['Content-Length and Transfer-Encoding', request(chunked, { extra: 'Transfer-Encoding: chunked\r\n' })],
  [
    'Transfer-Encoding and Content-Length',
    `${requestHead({ extra: `Transfer-Encoding: chunked\r\nContent-Length: ${length}\r\n` })}${chunked}`,
  ],
  ['two Hosts', request(body, { extra: 'Host: other\r\n' })],
  ['no Host', request(body).replace('Host: test\r\n', '')],
  ['a blank before the colon', `${requestHead({ extra: `Content-Length : ${length}\r\n` })}${body}`],
  ['a folded header', request(body, { extra: 'X-A: b\r\n c\r\n' })],
  ['a NUL in a header', request(body, { extra: 'X-A: b\0c\r\n' })],
  ['a chunk size that is no number', `${requestHead({ extra: 'Transfer-Encoding: chunked\r\n' })}xyz\r\n`],
  ['a signed chunk size', `${requestHead({ extra: 'Transfer-Encoding: chunked\r\n' })}-${chunked}`],
  [
    'a chunk size past 64 bits',
    `${requestHead({ extra: 'Transfer-Encoding: chunked\r\n' })}${'f'.repeat(17)}\r\n`,
  ],
] as const) {
  test(`${what}: the library answers 400 and ends the connection`, async (t) => {
    const { connection, answer } = await send(bytes);
    t.equal(answer?.status, 400);
    await connection.closed;
    t.equal(await connection.answer(), undefined, 'nothing else is answered');
  });
}

for (const [what, bytes] of [
  ['HTTP/1.0', request(body).replace('HTTP/1.1', 'HTTP/1.0')],
  ['an absolute URL', request(body, { path: 'http://test/execute/echo' })],
  ['the asterisk path', request('', { method: 'OPTIONS', path: '*' })],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on\r\n\r\n'],
  [
    'a trailer behind the chunks',
    `${requestHead({ extra: 'Transfer-Encoding: chunked\r\n' })}${chunked.slice(0, -2)}X-Sum: 1\r\n\r\n`,
  ],
] as const) {
  test(`${what}: the library answers 505 and ends the connection`, async (t) => {
    const { connection, answer } = await send(bytes);
    t.equal(answer?.status, 505);
    await connection.closed;
    t.equal(await connection.answer(), undefined, 'nothing else is answered');
  });
}

test('a chunk extension is not understood: the call is never run, others are not held up', async (t) => {
  const extra = 'Transfer-Encoding: chunked\r\n';
  const inChunks = (label: string, extension: string) => {
    const text = envelope({ label });
    return `${requestHead({ path: '/execute/gate/pass', extra })}${text.length.toString(16)}${extension}\r\n${text}\r\n0\r\n\r\n`;
  };
  const extended = await RawConnection.to(server.port);
  extended.send(inChunks('extended', ';name=value'));
  const plain = await RawConnection.to(server.port);
  plain.send(inChunks('plain', ''));
  await gate.entered('plain');
  gate.open('plain');
  t.equal((await plain.answer())?.status, 200);
  t.equal(gate.entries('extended'), 0);
  extended.drop();
  plain.drop();
});
