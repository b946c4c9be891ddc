import tap, { test } from 'tap';
import { call, dataOf, envelope, isError } from '../support/http-call.ts';
import { RawConnection, request } from '../support/raw-connection.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer({ settings: { workers: 1 } });
tap.teardown(server.stop);

/** Calls the plugin that tells its request id, with the id given as these bytes. */
async function callWithId(id: string | undefined) {
  const connection = await RawConnection.to(server.port);
  const extra = id === undefined ? '' : `X-Request-Id: ${id}\r\n`;
  connection.send(Buffer.from(request(envelope({}), { path: '/execute/caller', extra }), 'latin1'));
  const answer = await connection.answer();
  connection.drop();
  if (answer === undefined) throw new Error('no answer');
  return { answer, inHeader: answer.headers.get('x-request-id'), inPlugin: dataOf(answer) };
}

test('a usable request id is echoed, and the plugin gets it', async (t) => {
  for (const id of ['a', '!"#$%&\'()*+,-./:;<=>?@[]^_`{|}~', '20240511-abcDEF_0', 'x'.repeat(128)]) {
    const { inHeader, inPlugin } = await callWithId(id);
    t.equal(inHeader, id);
    t.match(inPlugin, { requestId: id });
  }
});

test('without one each request gets an id of its own, the same in header and plugin', async (t) => {
  const ids = new Set<string | undefined>();
  for (let round = 0; round < 10; round++) {
    const { inHeader, inPlugin } = await callWithId(undefined);
    t.match(inHeader, /^[\w-]{10,}$/);
    t.match(inPlugin, { requestId: inHeader });
    ids.add(inHeader);
  }
  t.equal(ids.size, 10);
});

test('an unusable request id is replaced', async (t) => {
  for (const id of ['', 'two words', 'a\tb', 'ab\xe9cd', '\xe4\xbd\xa0', 'x'.repeat(129), 'x'.repeat(5000)]) {
    const { inHeader, inPlugin } = await callWithId(id);
    t.match(inHeader, /^[\w-]{10,}$/, JSON.stringify(id.slice(0, 20)));
    t.match(inPlugin, { requestId: inHeader });
  }
});

test('a failed call has the id in header, body and log', async (t) => {
  const headers = { 'X-Request-Id': 'mine-1' };
  isError(t, await call(server, 'nobody', {}, { headers }), 'UNKNOWN_PLUGIN');
  const answer = await call(server, 'reply/repeat', {}, { headers });
  t.equal(answer.headers.get('x-request-id'), 'mine-1');
  isError(t, answer, 'SCHEMA_VIOLATION', /required/);
  const line = server.log.find(({ message }) => message === 'request failed');
  t.match(line, { level: 'warn', fields: { requestId: 'mine-1', status: 404, code: 'UNKNOWN_PLUGIN' } });
});

test("a plugin's log line carries plugin, tool and request id", async (t) => {
  await call(server, 'caller', {}, { headers: { 'X-Request-Id': 'mine-2' } });
  const isHere = () =>
    server.log.find(({ message, fields }) => message === 'described' && fields.requestId === 'mine-2');
  // The line takes a way of its own, so it may come after the answer.
  while (isHere() === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  t.match(isHere(), { level: 'info', fields: { plugin: 'caller', tool: 'describe', requestId: 'mine-2' } });
});
