import { test } from 'tap';
import { call, dataOf, envelope, isError, post } from '../support/http-call.ts';
import { sharedServer } from '../support/shared-server.ts';

const server = await sharedServer();

const send = (body: string | Uint8Array<ArrayBuffer>) => post(server, '/execute/echo', body);

/** A body whose one parameter is made of these bytes, in quotes. */
function withText(...bytes: readonly number[]): Uint8Array<ArrayBuffer> {
  const [before = '', behind = ''] = envelope({ a: '|' }).split('|');
  return Uint8Array.from([...Buffer.from(before), ...bytes, ...Buffer.from(behind)]);
}

test('text of any script, and U+FFFD itself, comes back as it was sent', async (t) => {
  const parameters = { a: '身份证 é ﷽ 🧑‍🚀 \ufffd \u0000 \u2028 "\\/', 键: ['\ufffd'] };
  t.same(dataOf(await call(server, 'echo', parameters)), parameters);
});

test('invalid UTF-8 is refused, not repaired', async (t) => {
  for (const [what, bytes] of [
    ['a lone continuation byte', [0x80]],
    ['a sequence cut by the closing quote', [0xe7, 0x95]],
    ['a wrong continuation byte', [0xc3, 0x28]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a code point past U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that never occurs', [0xff]],
    ['Latin-1', [0x63, 0x61, 0x66, 0xe9]],
    ['beside a real U+FFFD', [0xef, 0xbf, 0xbd, 0x80]],
  ] as const) {
    t.comment(what);
    isError(t, await send(withText(...bytes)), 'NOT_UTF8');
  }
});

test('a sequence cut at the end of the body is refused', async (t) => {
  isError(t, await send(Uint8Array.of(0x22, 0xe7, 0x95)), 'NOT_UTF8');
});

test('UTF-16 is refused', async (t) => {
  const text = envelope({ a: 1 });
  isError(t, await send(Uint8Array.from(Buffer.from(`\ufeff${text}`, 'utf16le'))), 'NOT_UTF8');
  isError(t, await send(Uint8Array.from(Buffer.from(text, 'utf16le'))), 'NOT_JSON', /not valid JSON/);
});

test('a byte order mark is refused at the start and is text inside', async (t) => {
  isError(t, await send(`\ufeff${envelope({})}`), 'NOT_UTF8', /byte order mark/);
  t.same(dataOf(await call(server, 'echo', { a: '\ufeff' })), { a: '\ufeff' });
});

test('what is not JSON is refused with the reason', async (t) => {
  for (const body of [
    '',
    ' ',
    '{',
    '{"user_id":1,}',
    "{'user_id':1}",
    'NaN',
    'user_id=1',
    '\0',
    `${envelope({})}x`,
  ]) {
    isError(t, await send(body), 'NOT_JSON', /^The body is not valid JSON: .+\.$/);
  }
});

test('the reason does not repeat a long body', async (t) => {
  const { body } = await send(`${'x\n'.repeat(400_000)}`);
  t.ok(body.length < 500, body);
});

test('white space around the body and escapes inside are fine', async (t) => {
  t.same(dataOf(await send(`\r\n\t ${envelope({ a: 1 })} \n`)), { a: 1 });
  t.same(dataOf(await send('{"user\\u005fid":"1","parameters":{"\\u0061":"\\ud83d\\ude42"}}')), { a: '🙂' });
});

/** A body of so many levels; itself and its parameters are the first two. */
function nested(levels: number, open: string, close: string): string {
  return `{"user_id":"1","parameters":{"a":${open.repeat(levels - 2)}${close.repeat(levels - 2)}}}`;
}

test('128 levels are accepted, 129 are not', async (t) => {
  t.equal((await send(nested(128, '[', ']'))).status, 200);
  isError(t, await send(nested(129, '[', ']')), 'TOO_DEEP');
  t.equal((await send(nested(128, '{"a":', '}').replace(':}', ':1}'))).status, 200);
  isError(t, await send(nested(129, '{"a":', '}').replace(':}', ':{}}')), 'TOO_DEEP');
});

test('a body of nothing but brackets harms nobody', async (t) => {
  const levels = 500_000;
  const deep = `{"user_id":"1","parameters":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
  isError(t, await send(deep), 'TOO_DEEP');
  isError(t, await send('['.repeat(2 * levels)), 'NOT_JSON', /not valid JSON/);
  isError(t, await send('{"a":'.repeat(200_000)), 'NOT_JSON', /not valid JSON/);
  t.same(dataOf(await call(server, 'echo', { a: 1 })), { a: 1 });
});

test('the key __proto__ is refused at any depth and however it is written', async (t) => {
  for (const [what, body] of [
    ['beside the parameters', '{"user_id":"1","__proto__":{},"parameters":{}}'],
    ['as a parameter', '{"user_id":"1","parameters":{"__proto__":{"admin":true}}}'],
    ['inside an array', '{"user_id":"1","parameters":{"a":[1,[{"b":{"__proto__":null}}]]}}'],
    ['with an escape', '{"user_id":"1","parameters":{"\\u005f_proto__":{}}}'],
    [
      'all of escapes',
      '{"user_id":"1","parameters":{"\\u005F\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f":1}}',
    ],
  ] as const) {
    t.comment(what);
    isError(t, await send(body), 'FORBIDDEN_KEY');
  }
});

test('__proto__ as a value, as a part of a key, and other special keys are fine', async (t) => {
  const text =
    '{"a":"__proto__","__proto__x":1,"constructor":{"prototype":1},"hasOwnProperty":2,"toString":3}';
  t.same((await send(`{"user_id":"1","parameters":${text}}`)).body, `{"status":"success","data":${text}}`);
});

test('only application/json is taken', async (t) => {
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json ; x=y',
  ]) {
    const answer = await post(server, '/execute/echo', envelope({}), { headers: { 'Content-Type': type } });
    t.equal(answer.status, 200, type);
  }
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json5',
    'application/ld+json',
    'text/json',
    'json',
    '',
  ]) {
    const answer = await post(server, '/execute/echo', envelope({}), { headers: { 'Content-Type': type } });
    isError(t, answer, 'UNSUPPORTED_MEDIA_TYPE');
  }
});

test('a body with no Content-Type at all is refused', async (t) => {
  const response = await fetch(`${server.url}/execute/echo`, {
    method: 'POST',
    body: new Blob([envelope({})]),
  });
  const { status, headers } = response;
  isError(t, { status, headers, body: await response.text() }, 'UNSUPPORTED_MEDIA_TYPE');
});
