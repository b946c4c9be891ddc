import { type Test, test } from 'tap';
import { type CallOptions, type CallOutcome, callAsCoze } from '../../src/twin/call.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../../src/twin/json.ts';
import { isPrivate } from '../../src/twin/private-address.ts';
import type { Identity } from '../../src/twin/tool.ts';
import { type Recorder, recorder, type Seen } from './recorder.ts';
import { requestBody, responses, toolOf } from './sample-document.ts';

const text: JsonObject = { type: 'string' };
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});
const param = (name: string, where: string, schema: Json, required = where === 'path'): JsonObject => ({
  name,
  in: where,
  required,
  schema,
});
const someone: Identity = { user: '7400000000000000009' };

/** Calls a tool made of `parts` at a server that answers `{"said":"yes"}`. */
async function call(
  t: Test,
  parts: JsonObject,
  args: JsonObject,
  {
    method = 'post',
    path = '/tell',
    identity = someone,
    ...options
  }: CallOptions & {
    method?: string;
    path?: string;
    identity?: Identity;
  } = {},
): Promise<{ outcome: CallOutcome; seen: Seen | undefined; server: Recorder }> {
  const server = await recorder(t, (response) => response.end('{"said":"yes"}'));
  const outcome = await callAsCoze(toolOf(server.url, method, path, parts), args, identity, options);
  return { outcome, seen: server.seen[0], server };
}

/** What a tool with this answer schema is seen to say. */
async function answered(
  t: Test,
  schema: JsonObject,
  respond: Parameters<typeof recorder>[1],
  options?: CallOptions,
  parts: JsonObject = {},
): Promise<CallOutcome> {
  const server = await recorder(t, respond);
  const tool = toolOf(server.url, 'post', '/tell', { responses: responses(schema), ...parts });
  return callAsCoze(tool, {}, someone, options);
}

test('who calls stands in the headers, and a workflow has neither bot nor conversation', async (t) => {
  const chat = {
    user: '7400000000000000001',
    bot: '7300000000000000001',
    conversation: '7500000000000000001',
  };
  const { seen } = await call(t, {}, {}, { identity: chat, logId: '20250102AB' });
  t.match(seen?.headers, {
    'user-agent': 'Coze/1.0',
    'x-aiplugin-connector-identifier': '7400000000000000001',
    'x-aiplugin-bot-id': '7300000000000000001',
    'x-aiplugin-conversation-id': '7500000000000000001',
    'x-tt-logid': '20250102AB',
  });
  const workflow = await call(t, {}, {});
  t.match(workflow.seen?.headers, {
    'x-aiplugin-connector-identifier': someone.user,
    'x-tt-logid': /^\d{14}[0-9A-F]{18}$/,
  });
  t.notOk(workflow.seen?.headers['x-aiplugin-bot-id']);
  t.notOk(workflow.seen?.headers['x-aiplugin-conversation-id']);
});

test('arguments go where the document declares them', async (t) => {
  const parts = {
    parameters: [
      param('id', 'path', text),
      param('tags', 'query', { type: 'array', items: { type: 'integer' } }),
      param('exact', 'query', { type: 'boolean' }),
      param('filter', 'query', text),
      param('lang', 'header', text),
    ],
    requestBody: requestBody(object({ note: text })),
  };
  const args = { id: 'a b', tags: [2, 1], exact: true, filter: { a: [1] }, lang: 'zh', note: 'x' };
  const { seen } = await call(t, parts, args, { path: '/orders/{id}' });
  t.equal(seen?.method, 'POST');
  t.equal(seen?.url, '/orders/a%20b?exact=true&filter=%7B%22a%22%3A%5B1%5D%7D&tags=2&tags=1');
  t.match(seen?.headers, { lang: 'zh', 'content-type': 'application/json' });
  t.equal(seen?.body, '{"note":"x"}');
});

test('a GET has everything in path and query', async (t) => {
  const parts = { parameters: [param('q', 'query', text, true)] };
  const { seen } = await call(t, parts, { q: '茶' }, { method: 'get' });
  t.match(seen, { method: 'GET', url: '/tell?q=%E8%8C%B6', body: '' });
});

test('what the model leaves out arrives as the default, or empty in query and header', async (t) => {
  const parts = {
    parameters: [
      param('q', 'query', text),
      param('unit', 'query', { type: 'string', default: 'km' }),
      param('lang', 'header', text),
    ],
    requestBody: requestBody(object({ note: text, size: { type: 'integer', default: 3 } })),
  };
  const { seen } = await call(t, parts, {});
  t.equal(seen?.url, '/tell?q=&unit=km');
  t.equal(seen?.headers['lang'], '');
  t.equal(seen?.body, '{"size":3}');
});

test('a body without properties is not sent at all', async (t) => {
  const { seen, outcome } = await call(t, { requestBody: requestBody(object({})) }, { stray: 1 });
  t.match(seen, { method: 'POST', body: '' });
  t.notOk(seen?.headers['content-type']);
  t.strictSame(outcome.notes, ['argument stray is not declared: Coze drops it']);
});

test('objects keep what is declared, and are left out when nothing is left', async (t) => {
  const parts = {
    requestBody: requestBody(
      object({
        place: object({ city: text, at: object({ zip: text }) }),
        free: object({}),
        rows: { type: 'array', items: object({ id: text }) },
      }),
    ),
  };
  const args = {
    place: { city: 'Oslo', extra: 1, at: { zip: '1', more: 2 } },
    free: { any: 1 },
    rows: [{ id: 7, kept: true }],
  };
  const { seen, outcome } = await call(t, parts, args);
  t.strictSame(parseJson(seen?.body ?? ''), {
    place: { city: 'Oslo', at: { zip: '1' } },
    rows: [{ id: '7', kept: true }],
  });
  t.strictSame(outcome.notes.toSorted(), [
    'argument free has nothing left in it: Coze leaves it out',
    'argument free.any is not declared: Coze drops it',
    'argument place.at.more is not declared: Coze drops it',
    'argument place.extra is not declared: Coze drops it',
  ]);
});

test('values in the body are made what they should be, as far as possible', async (t) => {
  const schema = object({
    a: { type: 'integer' },
    b: { type: 'integer' },
    c: { type: 'number' },
    d: { type: 'boolean' },
    e: text,
    f: text,
  });
  const { seen } = await call(
    t,
    { requestBody: requestBody(schema) },
    { a: '7', b: 1.5, c: '2.5', d: 'true', e: 1.5, f: { g: 1 } },
  );
  t.strictSame(parseJson(seen?.body ?? ''), { a: 7, b: 0, c: 2.5, d: true, e: '1.5', f: '{"g":1}' });
});

test('what does not fit is refused before anything is sent', async (t) => {
  const body = (properties: JsonObject, required: Json = []) => ({
    requestBody: requestBody(object(properties, { required })),
  });
  const cases: readonly (readonly [parts: JsonObject, args: JsonObject, text: string])[] = [
    [{ parameters: [param('q', 'query', text, true)] }, {}, "the 'query' parameter 'q' is required"],
    [body({ id: text }, ['id']), {}, "parameter 'id' is required"],
    [body({ id: text }, ['id']), { id: null }, "parameter 'id' is required"],
    [body({ at: object({ zip: text }, { required: ['zip'] }) }), {}, "parameter 'at.zip' is required"],
    [body({ at: object({ zip: text }) }), { at: 'x' }, "parameter 'at' is not object"],
    [body({ list: { type: 'array', items: text } }), { list: 'x' }, 'the argument "list" is no array'],
    [body({ list: { type: 'array', items: text } }), { list: [null] }, 'the argument "list[0]" is null'],
    [body({ yes: { type: 'boolean' } }), { yes: 'perhaps' }, 'the argument "yes" is no boolean'],
    [body({ n: { type: 'number' } }), { n: 'many' }, 'the argument "n" is no number'],
    [body({ n: { type: 'integer' } }), { n: true }, 'the argument "n" is no integer'],
    [{ parameters: [param('h', 'header', text)] }, { h: 'a\nb' }, 'the header h cannot hold this value'],
  ];
  for (const [parts, args, message] of cases) {
    const { outcome, server } = await call(t, parts, args);
    t.match(outcome, { outcome: 'failed', code: 'REFUSED_ARGUMENTS', text: message }, message);
    t.equal(server.seen.length, 0, `${message}: nothing sent`);
  }
});

test('letters that break a path or a header are told', async (t) => {
  const parts = { parameters: [param('id', 'path', text), param('lang', 'header', text)] };
  const { seen, outcome } = await call(t, parts, { id: 'a/b', lang: '中' }, { path: '/x/{id}' });
  t.equal(seen?.url, '/x/a/b');
  t.equal(Buffer.from(String(seen?.headers['lang']), 'latin1').toString(), '中');
  t.match(outcome.notes, ['argument lang', 'argument id: Coze puts a/b into the path as it is'].toReversed());
});

test('the service token goes where its owner has said, the user’s token into Authorization', async (t) => {
  const inHeader = { in: 'header', name: 'X-Key', token: 's3cret' } as const;
  t.equal((await call(t, {}, {}, { serviceToken: inHeader })).seen?.headers['x-key'], 's3cret');
  const inQuery = { in: 'query', name: 'key', token: 's3&ret' } as const;
  t.equal((await call(t, {}, {}, { serviceToken: inQuery })).seen?.url, '/tell?key=s3%26ret');
  t.equal((await call(t, {}, {}, { accessToken: 'abc' })).seen?.headers['authorization'], 'Bearer abc');
});

test('an answer is cut down to what the document declares, and every loss is told', async (t) => {
  const schema = object({
    said: text,
    count: { type: 'integer' },
    share: { type: 'number' },
    yes: { type: 'boolean' },
    off: { type: 'string', 'x-global-disable': true },
    rows: { type: 'array', items: object({ id: text, n: { type: 'integer' } }) },
    constructor: text,
  });
  const raw = {
    said: 'x',
    count: 1.5,
    share: '0.5',
    yes: null,
    off: 'y',
    more: 1,
    toString: 'z',
    rows: [{ id: 'a', n: 1 }, { id: 7 }, null, { id: 'b', extra: 1 }],
  };
  const outcome = await answered(t, schema, (response) => response.end(JSON.stringify(raw)));
  t.match(outcome, { outcome: 'answered', data: { said: 'x' }, raw });
  t.strictSame(outcome.outcome === 'answered' && outcome.data, {
    said: 'x',
    rows: [{ id: 'a', n: 1 }, {}, { id: 'b' }],
  });
  t.strictSame(outcome.notes, [
    'answer.count is no integer: Coze drops it',
    'answer.share is no number: Coze drops it',
    'answer.yes is null: Coze drops it',
    'answer.off is switched off: Coze drops it',
    'answer.more is not declared: Coze drops it',
    'answer.toString is not declared: Coze drops it',
    'answer.rows[].id is no string: Coze drops it',
    'answer.rows[] is null: Coze drops it',
    'answer.rows[].extra is not declared: Coze drops it',
  ]);
});

test('an empty answer, and one whose schema has no properties, is an empty object', async (t) => {
  const empty = await answered(t, object({ said: text }), (response) => response.end());
  t.match(empty, { outcome: 'answered', data: {}, notes: [] });
  const bare = await answered(t, object({}), (response) => response.end('{"said":"x"}'));
  t.match(bare, {
    outcome: 'answered',
    data: {},
    raw: { said: 'x' },
    notes: ['the schema of 200 has no properties'],
  });
});

test('only 200 is a success; of the rest the whole body becomes the error', async (t) => {
  const failed = await answered(t, object({ said: text }), (response) => {
    response.writeHead(400, 'Bad Request').end('{"said":"x"}');
  });
  t.match(failed, {
    outcome: 'failed',
    code: 'STATUS',
    status: 400,
    text: 'http request failed, status=400 Bad Request\nresp={"said":"x"}',
  });
  const created = await answered(t, object({ said: text }), (response) => response.writeHead(201).end('{}'));
  t.match(created, { outcome: 'failed', code: 'STATUS', status: 201 });
  for (const body of ['[1]', '"x"', 'null', '<html>', '{"a":']) {
    const outcome = await answered(t, object({ said: text }), (response) => response.end(body));
    t.match(outcome, {
      outcome: 'failed',
      code: 'NOT_AN_OBJECT',
      text: `response is not object, raw response=${body}`,
    });
  }
});

test('no answer in time, and no connection, are failures of their own', async (t) => {
  const schema = object({ said: text });
  const late = await answered(t, schema, () => {}, { timeoutMs: 50 });
  t.match(late, { outcome: 'failed', code: 'TIMEOUT', text: 'no answer within 0.05 s' });
  const gone = await answered(t, schema, (response) => response.destroy());
  t.match(gone, { outcome: 'failed', code: 'UNREACHABLE' });
});

test('a retry is the same call once more, and the second answer counts', async (t) => {
  const { server, outcome } = await call(t, {}, {}, { retry: true });
  const [first, second] = server.seen;
  t.equal(server.seen.length, 2);
  t.strictSame(first, second);
  t.match(outcome, { outcome: 'answered', notes: ['called twice: the answers are the same'] });
  let count = 0;
  const counting = await answered(
    t,
    object({ n: { type: 'integer' } }),
    (response) => response.end(`{"n":${(count += 1)}}`),
    {
      retry: true,
    },
  );
  t.match(counting, { data: { n: 2 }, notes: ['called twice: the answers differ'] });
});

test('another address takes the place of the document’s', async (t) => {
  const server = await recorder(t, (response) => response.end('{"said":"yes"}'));
  const tool = toolOf('https://plugins.example.com/p/sample', 'post', '/tell', {});
  t.match(await callAsCoze(tool, {}, someone, { origin: server.url }), { outcome: 'answered' });
  t.equal(server.seen[0]?.url, '/p/sample/tell');
});

/** A packet as text, with everything a good one has. */
function packet(id: number, data: JsonObject): string {
  const whole = {
    is_finish: false,
    is_last_msg: true,
    is_last_packet_in_msg: false,
    stream_id: 'm',
    output_mode: 1,
    ...data,
  };
  return `id: ${id}\nevent: Message\ndata: ${JSON.stringify(whole)}\n\n`;
}
const last = { is_finish: true, is_last_packet_in_msg: true, content: 'end' };
const streaming: JsonObject = { 'x-runMode': 'Streaming' };

/** What becomes of a stream of these pieces of text. */
function streamed(t: Test, pieces: readonly string[], options?: CallOptions): Promise<CallOutcome> {
  const respond: Parameters<typeof recorder>[1] = (response, { headers }) => {
    const type =
      headers['accept'] === 'text/event-stream' ? 'text/event-stream; charset=utf-8' : 'text/plain';
    response.writeHead(200, { 'Content-Type': type });
    for (const piece of pieces) response.write(piece);
    response.end();
  };
  return answered(t, object({ content: text }), respond, options, streaming);
}

test('a stream is the texts of its packets, in whatever pieces it comes', async (t) => {
  const whole =
    packet(0, { content: '茶' }) + packet(1, { content: ' and ', ext: { a: 'b' } }) + packet(2, last);
  const texts: string[] = [];
  const outcome = await streamed(t, [whole], { onText: (one) => texts.push(one) });
  t.match(outcome, { outcome: 'streamed', content: '茶 and end', packets: 3, notes: [] });
  t.strictSame(texts, ['茶', ' and ', 'end']);
  const server = await recorder(t, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const bytes = Buffer.from(`: a comment\n\n${whole.replaceAll('\n', '\r\n')}`);
    for (const byte of bytes) response.write(Buffer.of(byte));
    response.end();
  });
  const tool = toolOf(server.url, 'post', '/tell', streaming);
  t.match(await callAsCoze(tool, {}, someone), { outcome: 'streamed', content: '茶 and end', packets: 3 });
});

test('a stream may have several messages', async (t) => {
  const first = { stream_id: 'a', is_last_msg: false };
  const pieces = [
    packet(0, { ...first, content: '1' }),
    packet(1, { ...first, content: '2', is_last_packet_in_msg: true }),
    packet(2, { content: '3' }),
    packet(3, last),
  ];
  t.match(await streamed(t, pieces), { outcome: 'streamed', content: '123end' });
});

test('a stream that breaks a rule fails, with the packet and the rule', async (t) => {
  const one = packet(0, { content: 'x' });
  const cases: readonly (readonly [pieces: readonly string[], text: string])[] = [
    [[], 'the stream ends without a packet'],
    [[one], 'the stream ends without is_finish'],
    [[one, packet(1, last).trimEnd()], 'the stream ends within a packet'],
    [[packet(0, last), one], 'packet 2 comes after the one that said is_finish'],
    [[packet(0, { content: '' })], 'packet 1 has empty content'],
    [[packet(0, {})], 'packet 1 has empty content'],
    [[one.replace('id: 0\n', '')], 'packet 1 has no id'],
    [[one.replace('event: Message\n', '')], 'packet 1 has no event'],
    [['id: 1\nevent: Message\ndata: [DONE]\n\n'], 'packet 1 has no JSON object as data'],
    [[packet(0, { content: 'x', is_finish: 0 })], 'packet 1 has is_finish that is not true or false'],
    [[packet(0, { content: 'x', output_mode: 2 })], 'packet 1 has output_mode that is not 0 or 1'],
    [[packet(0, { content: 'x', content_type: 1 })], 'packet 1 has content_type that is not 0'],
    [[packet(0, { content: 'x', ext: { n: 1 } })], 'packet 1 has ext that is no object of texts'],
    [[packet(0, { content: 'x', stream_id: '' })], 'packet 1 has no stream_id'],
    [[one, packet(1, { content: 'x', stream_id: 'other' })], 'packet 2 has a new stream_id before'],
    [[one, packet(1, { content: 'x', is_last_msg: false })], 'packet 2 changes is_last_msg within a message'],
    [[one, packet(1, { content: 'x', output_mode: 0 })], 'packet 2 changes output_mode within a message'],
    [[packet(0, { ...last, is_last_packet_in_msg: false })], 'packet 1 has is_finish that does not agree'],
    [[packet(0, { ...last, is_finish: false })], 'packet 1 has is_finish that does not agree'],
    [[packet(0, { content: 'x'.repeat(250_000) })], 'packet 1 has more than 250000 bytes'],
  ];
  for (const [pieces, message] of cases) {
    t.match(await streamed(t, pieces), { outcome: 'failed', code: 'BAD_STREAM', text: message }, message);
  }
});

const begin: Parameters<typeof recorder>[1] = (response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(packet(0, { content: 'x' }));
};

test('a stream that pauses for too long, or breaks off, fails', async (t) => {
  const schema = object({ content: text });
  const paused = await answered(t, schema, begin, { packetGapMs: 50 }, streaming);
  t.match(paused, { outcome: 'failed', code: 'BAD_STREAM', text: 'no packet for 0.05 s' });
  const broken = await answered(
    t,
    schema,
    (response, seen) => {
      begin(response, seen);
      setImmediate(() => response.destroy());
    },
    {},
    streaming,
  );
  t.match(broken, { outcome: 'failed', code: /BAD_STREAM|UNREACHABLE/ });
});

test('a streaming tool is called as Studio does when no stream is wanted', async (t) => {
  const server = await recorder(t, (response) => response.end('{"said":"whole"}'));
  const tool = toolOf(server.url, 'post', '/tell', streaming);
  t.match(await callAsCoze(tool, {}, someone, { stream: false }), {
    outcome: 'answered',
    data: { said: 'whole' },
    notes: [],
  });
  t.not(server.seen[0]?.headers['accept'], 'text/event-stream');
  const asked = await callAsCoze(tool, {}, someone);
  t.match(asked, {
    outcome: 'answered',
    notes: ['the tool streams, but the answer is no text/event-stream'],
  });
  t.ok(isObject(asked.outcome === 'answered' && asked.data));
});

const isAtHome = (host: string): boolean => isPrivate(new URL(`http://${host}/`));

test('addresses that Coze does not call are known', async (t) => {
  for (const host of [
    'localhost',
    '127.0.0.1',
    '10.1.2.3',
    '172.20.0.1',
    '192.168.1.1',
    '[::1]',
    '[fd00::1]',
    '169.254.1.1',
  ]) {
    t.ok(isAtHome(host), host);
  }
  for (const host of ['plugins.example.com', '8.8.8.8', '172.32.0.1', '[2001:db8::1]'])
    t.notOk(isAtHome(host), host);
});
