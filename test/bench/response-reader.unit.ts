import { test } from 'tap';
import { ResponseReader } from '../../bench/load/response-reader.ts';

const answer = (status: string, body: string) =>
  Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX: y\r\n\r\n${body}`);

const outcome = (text: string) => new ResponseReader().push(Buffer.from(text));

test('an answer split after any byte is read the same', async (t) => {
  const bytes = answer('200 OK', '{"data":"ü"}');
  for (let at = 1; at < bytes.length; at += 1) {
    const reader = new ResponseReader();
    t.equal(reader.push(bytes.subarray(0, at)).kind, 'incomplete');
    t.match(reader.push(bytes.subarray(at)), {
      kind: 'answer',
      status: 200,
      body: Buffer.from('{"data":"ü"}'),
    });
  }
});

test('one reader reads one answer after the other', async (t) => {
  const reader = new ResponseReader();
  t.match(reader.push(answer('200 OK', 'a')), { status: 200, body: Buffer.from('a') });
  t.match(reader.push(answer('503 Service Unavailable', '')), { status: 503, body: Buffer.alloc(0) });
});

test('what it cannot frame is malformed, with the reason', async (t) => {
  t.match(outcome('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'), { reason: 'no content-length' });
  t.match(outcome('SSH-2.0\r\n\r\n'), { reason: 'no HTTP/1.1 status line' });
  t.match(outcome('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab'), {
    reason: 'more bytes than the answer announced',
  });
});
