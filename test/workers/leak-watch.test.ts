import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import { call, until } from '../support/calls.ts';
import { envelope } from '../support/http-call.ts';
import { RawConnection, request } from '../support/raw-connection.ts';
import { type ServerLine, startTestServer } from '../support/server.ts';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/leaks', import.meta.url)),
  settings: { workers: 1, stallMs: 50 },
});

const said = (text: RegExp): ServerLine | undefined => server.log.find(({ message }) => text.test(message));

// Bytes instead of `fetch`: thousands of calls are needed, and most of what they cost would be the client.
const connections = await Promise.all(Array.from({ length: 40 }, () => RawConnection.to(server.port)));
tap.teardown(() => {
  for (const connection of connections) connection.drop();
});

/** Calls both plugins in turn until the line is there. */
async function callUntil(t: Test, tool: string, line: RegExp): Promise<void> {
  const calls = ['tidy/work', `leaky/${tool}`].map((path) =>
    request(envelope({}), { path: `/execute/${path}` }),
  );
  await until(`${tool} is told`, async () => {
    const answers = connections.map((connection, n) => {
      connection.send(calls[n % 2] ?? '');
      return connection.answer();
    });
    await Promise.all(answers);
    return said(line) !== undefined;
  });
  t.match(said(line), { level: 'warn', fields: { plugin: 'leaky' } });
}

test('timers that calls leave behind are told with the plugin and the line that makes them', async (t) => {
  await callUntil(
    t,
    'arms',
    /^plugin leaky keeps about \d+ Timeout per 1000 calls, made in arm \(index\.ts:\d+\)$/,
  );
});

test('listeners that calls leave at the process are told', async (t) => {
  await callUntil(
    t,
    'listens',
    /^plugin leaky keeps about \d+ listeners of process per 1000 calls, made in listen \(index\.ts:\d+\)$/,
  );
});

test('memory that calls leave behind is told with the function that allocates it', async (t) => {
  await callUntil(
    t,
    'remembers',
    /^plugin leaky keeps about [\d.]+ MB per 1000 calls, allocated in (remember|execute) \(index\.ts:\d+\)$/,
  );
});

const stall = (tool: string): ServerLine | undefined =>
  server.log.find(
    ({ message, fields }) => /kept its worker|did not turn/.test(message) && fields.tool === tool,
  );

test('a call that keeps its worker from all others is told, with how long it did', async (t) => {
  await call(server, 'leaky/blocks');
  await until('the line is there', () => stall('blocks') !== undefined);
  t.match(stall('blocks'), { level: 'warn', fields: { plugin: 'leaky', ms: Number } });
});

test('a stall after an await is told with the call under way', async (t) => {
  // Again, if need be: where a garbage collection falls into it, the stall is laid to that.
  await until('the line is there', async () => {
    const answer = await call(server, 'leaky/blocks-later', {}, { headers: { 'X-Request-Id': 'late' } });
    t.equal(answer.status, 200);
    return stall('blocks-later') !== undefined;
  });
  t.match(stall('blocks-later'), {
    level: 'warn',
    fields: { plugin: 'leaky', requestId: 'late', ms: Number },
  });
});

test('stalls that come in numbers are told a few times a minute', async (t) => {
  for (let n = 0; n < 6; n++) await call(server, 'leaky/blocks');
  const lines = server.log.filter(
    ({ message, fields }) => message.includes('kept') && fields.tool === 'blocks',
  );
  // The minute may turn meanwhile.
  t.ok(lines.length <= 6, `${lines.length} lines of 7`);
});

test('the healthy plugin beside it is not blamed', async (t) => {
  // A busy machine may well stall a call of its: only words on what it keeps are a false accusation.
  const blamed = server.log.filter(({ message }) => message.startsWith('plugin tidy keeps'));
  t.strictSame(blamed, []);
});

test('the server stops in order', async () => {
  await server.stop();
});
