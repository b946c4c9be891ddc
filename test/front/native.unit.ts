import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import { type Answer, call, dataOf, isError, post } from '../support/http-call.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/native', import.meta.url)),
  settings: { workers: 1 },
});
tap.teardown(server.stop);

const send = (path: string, body: object | undefined, headers: Record<string, string> = {}) =>
  post(server, `/p/shop${path}`, body === undefined ? '' : JSON.stringify(body), { headers });

async function get(path: string): Promise<Answer> {
  const response = await fetch(`${server.url}/p/shop${path}`);
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** What the tool has been asked. */
function got(answer: Answer): unknown {
  const data = dataOf(answer);
  if (typeof data !== 'object' || data === null || !('got' in data)) throw new Error(answer.body);
  return JSON.parse(String(data.got));
}

/** A failure that the model reads: 200, and the row of the error table in the body. */
function isForTheModel(t: Test, { status, body }: Answer, code: string, message: string | RegExp): void {
  t.equal(status, 200, `${code}: status`);
  t.match(JSON.parse(body), { status: 'error', code, message }, code);
}

test('arguments stand flat in the body', async (t) => {
  t.strictSame(got(await send('/plain', { id: 'a', count: 2 })), { id: 'a', count: 2 });
});

test('an empty text is no argument where the argument is optional', async (t) => {
  t.strictSame(got(await send('/plain', { id: 'a', note: '', units: '', count: '' })), { id: 'a' });
  t.strictSame(got(await send('/plain', { id: '' })), { id: '' });
  const answer = await send('/placed/x', undefined);
  t.equal(answer.status, 404);
  t.strictSame(got(await send('/orders/7/lines?limit=&tags=&exact=&ratio=', undefined)), { id: '7' });
});

test('texts of path and query become what the schema calls them', async (t) => {
  const query = 'limit=5&tags=1&tags=2&exact=true&ratio=-1.5e2';
  t.strictSame(got(await send(`/orders/a%2Fb+c/lines?${query}`, { body: 'b' })), {
    body: 'b',
    id: 'a/b+c',
    limit: 5,
    tags: [1, 2],
    exact: true,
    ratio: -150,
  });
  t.strictSame(got(await send('/orders/7/lines?tags=3', undefined)), { id: '7', tags: [3] });
});

test('a GET has all its arguments in the query', async (t) => {
  t.strictSame(got(await get('/search?q=%E8%8C%B6+x&page=2&other=1')), { q: '茶 x', page: 2 });
  isForTheModel(t, await get('/search?page=2'), 'SCHEMA_VIOLATION', '"q" is required');
});

test('what does not fit its schema is refused by its own name', async (t) => {
  for (const [query, message] of [
    ['limit=x', '"limit" must be integer'],
    ['limit=1.5', '"limit" must be integer'],
    ['limit=9007199254740993', '"limit" must be integer'],
    ['limit=0x10', '"limit" must be integer'],
    ['ratio=Infinity', '"ratio" must be number'],
    ['exact=yes', '"exact" must be boolean'],
    ['tags=1&tags=x', '"tags[1]" must be integer'],
    ['limit=1&limit=2', '"limit" is given 2 times'],
    ['limit=%zz', /percent-encoded UTF-8/],
    ['limit=%ff', /percent-encoded UTF-8/],
  ] as const) {
    isForTheModel(t, await send(`/orders/7/lines?${query}`, undefined), 'SCHEMA_VIOLATION', message);
  }
  isForTheModel(t, await send('/plain', { id: 7 }), 'SCHEMA_VIOLATION', '"id" must be string');
  isForTheModel(t, await send('/plain', { id: 'a', more: 1 }), 'SCHEMA_VIOLATION', '"more" is not allowed');
  isForTheModel(t, await send('/plain', []), 'SCHEMA_VIOLATION', 'The body must be object');
  isForTheModel(
    t,
    await send('/orders/7/lines', { limit: 3 }),
    'SCHEMA_VIOLATION',
    '"limit" stands in the body, and belongs into the query',
  );
});

test('a query that cannot be carried is refused', async (t) => {
  isForTheModel(
    t,
    await send(`/orders/7/lines?limit=${'1'.repeat(9000)}`, undefined),
    'SCHEMA_VIOLATION',
    /8192/,
  );
});

test('who calls stands in headers only, by either name, and every digit stays', async (t) => {
  const user = '9223372036854775807';
  const answer = await send(
    '/plain',
    { id: 'a' },
    {
      'User-Agent': 'Coze/1.0',
      'X-Aiplugin-Connector-Identifier': user,
      'X-AIPlugin-Bot-ID': '7351234567890123456',
      'X-AIPlugin-Conversation-ID': '7351234567890123457',
      'X-Tt-Logid': '20240101000000ABCDEF',
    },
  );
  t.match(dataOf(answer), {
    user,
    bot: '7351234567890123456',
    conversation: '7351234567890123457',
    trace: '20240101000000ABCDEF',
    request: '20240101000000ABCDEF',
  });
  t.equal(answer.headers.get('x-request-id'), '20240101000000ABCDEF');
  t.notOk(Object.hasOwn(Object(dataOf(await send('/plain', { id: 'a' }))), 'user'));
  isForTheModel(
    t,
    await send('/plain', { id: 'a' }, { 'X-Coze-Bot-Id': '1', 'X-AIPlugin-Bot-ID': '2' }),
    'IDENTITY_CONFLICT',
    /different users or bots/,
  );
});

test('the trace id is that of the trace context where Coze sends none', async (t) => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const answer = await send('/plain', { id: 'a' }, { traceparent, 'X-Request-Id': 'r' });
  t.match(dataOf(answer), { trace: '0af7651916cd43dd8448eb211c80319c', request: 'r' });
});

test('undeclared keys are left out, and the log says so once', async (t) => {
  for (let n = 0; n < 3; n++) {
    t.strictSame(dataOf(await send('/open', undefined)), { kept: 'yes', items: [{ id: 'a' }, { id: 'b' }] });
  }
  const told = server.log.filter(({ message }) => message.includes('of the answer is left out'));
  t.strictSame(told.map(({ message }) => message.split(' ')[0]).toSorted(), ['"dropped"', '"items[].extra"']);
  t.match(dataOf(await call(server, 'shop/open', {})), { dropped: 1 }, 'the envelope shows them');
});

test('a tool whose answer cannot be told to Coze is called by its envelope only, and the log says why', async (t) => {
  isError(t, await send('/free', undefined), 'NOT_OFFERED');
  t.strictSame(dataOf(await call(server, 'shop/free', {})), { any: 'thing' });
  t.match(
    server.log.find(({ message }) => message.includes('cannot be offered to Coze')),
    { level: 'warn', fields: { plugin: 'shop', tool: 'free' } },
  );
});

test('what the model should read comes with 200, and nothing of the reason leaks', async (t) => {
  t.match(JSON.parse((await send('/fails', { how: 'say' })).body), {
    status: 'error',
    message: 'Ask for something else.',
  });
  for (const [how, code] of [
    ['throw', 'PLUGIN_FAULT'],
    ['wrong', 'BAD_OUTPUT'],
    ['hang', 'DEADLINE_EXCEEDED'],
  ] as const) {
    const answer = await send('/fails', { how });
    isForTheModel(t, answer, code, /./);
    t.notMatch(answer.body, 'secret');
    t.equal((await call(server, 'shop/fails', { how })).status, code === 'DEADLINE_EXCEEDED' ? 504 : 500);
  }
});

test('paths and media types keep their status', async (t) => {
  isError(t, await send('/nothing', {}), 'UNKNOWN_TOOL');
  isError(t, await post(server, '/p/nobody/x', '{}'), 'UNKNOWN_PLUGIN');
  isError(t, await send('/plain', { id: 'a' }, { 'Content-Type': 'text/plain' }), 'UNSUPPORTED_MEDIA_TYPE');
  for (const [method, path, allow] of [
    ['GET', '/plain', 'POST, OPTIONS'],
    ['POST', '/search', 'GET, OPTIONS'],
    ['PUT', '/orders/7/lines', 'POST, OPTIONS'],
  ] as const) {
    const response = await fetch(`${server.url}/p/shop${path}`, { method });
    t.equal(response.status, 405, path);
    t.equal(response.headers.get('allow'), allow, path);
    await response.text();
  }
});

test('the body may be missing where it holds no argument, and only there a type is asked of it', async (t) => {
  const response = await fetch(`${server.url}/p/shop/orders/7/lines`, { method: 'POST' });
  t.equal(response.status, 200);
  await response.text();
  isForTheModel(
    t,
    await post(server, '/p/shop/plain', '{"id":', {}),
    'NOT_JSON',
    /The body is not valid JSON/,
  );
});
