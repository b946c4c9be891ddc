import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { call, until } from '../support/calls.ts';
import { type ServerLine, startTestServer } from '../support/server.ts';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/context', import.meta.url)),
  settings: { workers: 1 },
});
tap.teardown(server.stop);

/** The line with this message, once it is there. */
async function line(message: string): Promise<ServerLine | undefined> {
  const find = (): ServerLine | undefined => server.log.find((one) => one.message === message);
  await until(`the line "${message}"`, () => find() !== undefined);
  return find();
}

test('a call is told who calls, as the headers say', async (t) => {
  const headers = {
    'X-Request-Id': 'r-17',
    'X-Coze-User-Id': '1',
    'X-Coze-Bot-Id': '7300000000000000001',
    'X-Coze-Conversation-Id': 'c-5',
  };
  const { body } = await call(server, 'context/show', {}, { headers });
  t.strictSame(body.data, {
    requestId: 'r-17',
    userId: '1',
    botId: '7300000000000000001',
    conversationId: 'c-5',
    aborted: false,
  });
});

test('a call that nobody named gets the request id that the answer carries', async (t) => {
  const { body, headers } = await call(server, 'context/show');
  t.match(body.data, { requestId: headers.get('x-request-id'), botId: null, conversationId: null });
  const next = await call(server, 'context/show');
  t.not(next.headers.get('x-request-id'), headers.get('x-request-id'));
});

test('every line of a plugin’s log carries plugin, tool and request id', async (t) => {
  await call(server, 'context/log', {}, { headers: { 'X-Request-Id': 'r-log' } });
  const own = { plugin: 'context', tool: 'log', requestId: 'r-log' };
  t.match(await line('a debug line'), { level: 'debug', fields: own });
  t.match(await line('an info line'), { level: 'info', fields: { ...own, city: 'Köln', n: 7 } });
  t.match(await line('a warn line'), { level: 'warn', fields: own }, 'also where the plugin says otherwise');
  t.match(await line('an error line'), {
    level: 'error',
    fields: { ...own, error: { message: 'what went wrong', stack: /context.index\.ts/ } },
  });
});

test('what a plugin prints becomes log lines, and who waits for the writing goes on', async (t) => {
  t.match(await call(server, 'context/print'), { status: 200, body: { data: { written: true } } });
  for (const [message, stream] of [
    ['first line', 'stdout'],
    ['second line', 'stdout'],
    ['to stderr', 'stderr'],
    ['without an end', 'stdout'],
    ['bytes', 'stderr'],
  ] as const) {
    t.match(await line(message), { level: 'info', fields: { stream } });
  }
});

test('a call that looks at its signal only after the deadline finds it aborted', async (t) => {
  t.match(await call(server, 'context/asks-late'), { status: 504 });
  t.match(await line('looked at the signal'), { fields: { aborted: true, why: 'TimeoutError' } });
});
