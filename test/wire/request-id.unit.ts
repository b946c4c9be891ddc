import { test } from 'tap';
import { isUsableId, madeId, newIdPrefix } from '../../src/wire/request-id.ts';

test('a caller’s id is usable if it is 1 to 128 characters of visible ASCII', async (t) => {
  for (const id of ['a', '!', '~', 'x'.repeat(128), '{"a":1}', '021f-77/9=']) t.ok(isUsableId(id), id);
});

test('an id that could break a header or a log line is not usable', async (t) => {
  for (const id of [
    '',
    ' ',
    'a b',
    'x'.repeat(129),
    'a\r\nSet-Cookie: x',
    'a\n',
    '\t',
    'é',
    '\u0000',
    'a\u007f',
  ]) {
    t.notOk(isUsableId(id), JSON.stringify(id));
  }
});

test('made ids differ within a process and between processes, and are usable themselves', async (t) => {
  const prefixes = Array.from({ length: 100 }, newIdPrefix);
  const ids = prefixes.flatMap((prefix) =>
    [0, 1, 35, 36, 2 ** 40].map((sequence) => madeId(prefix, sequence)),
  );
  t.equal(new Set(ids).size, ids.length);
  t.ok(ids.every(isUsableId));
});
