import { connect } from 'node:net';
import { mock } from 'node:test';
import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import { until } from '../support/calls.ts';
import { call, dataOf, post } from '../support/http-call.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/native', import.meta.url)),
  settings: { workers: 1 },
});
tap.teardown(server.stop);

interface Packet {
  readonly id: string;
  readonly event: string;
  readonly bytes: number;
  readonly data: { readonly content: string; readonly is_finish: boolean; readonly [key: string]: unknown };
}

const ask = (tool: string, input: object, signal?: AbortSignal): Promise<Response> =>
  fetch(`${server.url}/p/talk/${tool}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', 'X-Request-Id': 'stream-1' },
    body: JSON.stringify(input),
    ...(signal && { signal }),
  });

function packetsOf(text: string): readonly Packet[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const fields = new Map(
        event.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
      );
      const data = fields.get('data') ?? '';
      return {
        id: fields.get('id') ?? '',
        event: fields.get('event') ?? '',
        bytes: Buffer.byteLength(event) + 2,
        data: JSON.parse(data),
      };
    });
}

const listen = async (tool: string, input: object): Promise<readonly Packet[]> =>
  packetsOf(await (await ask(tool, input)).text());

const contentOf = (packets: readonly Packet[]): string => packets.map(({ data }) => data.content).join('');

/** What holds for every answer in pieces. */
function isWellFormed(t: Test, packets: readonly Packet[]): void {
  t.strictSame(
    packets.map(({ id }) => Number(id)),
    packets.map((_, index) => index),
    'counted',
  );
  const last = packets.length - 1;
  for (const [index, { data, bytes }] of packets.entries()) {
    t.equal(data.is_finish, index === last, 'only the last one says that it is');
    t.ok(data.content.length > 0 && bytes <= 250_000, `${bytes} bytes`);
    t.match(data, {
      stream_id: 'stream-1',
      output_mode: 1,
      return_type: 1,
      content_type: 0,
      context_mode: 0,
    });
  }
}

test('texts arrive in order, and the last packet says so and carries what the tool returned', async (t) => {
  const response = await ask('say', { text: 'ni hao 世界' });
  t.equal(response.status, 200);
  t.match(response.headers.get('content-type'), /^text\/event-stream/);
  t.match(response.headers.get('x-request-id'), 'stream-1');
  const packets = packetsOf(await response.text());
  isWellFormed(t, packets);
  t.equal(contentOf(packets), 'ni hao 世界');
  t.match(packets.at(-1), { event: 'Message', data: { ext: { words: '3' } } });
});

test('texts arrive while the tool still talks', async (t) => {
  const response = await ask('say', { text: 'a b c', pauseMs: 150 });
  const reader = response.body?.getReader();
  const first = await reader?.read();
  t.match(Buffer.from(first?.value ?? []).toString(), /"content":"a"/);
  t.notMatch(Buffer.from(first?.value ?? []).toString(), /"is_finish":true/);
  await reader?.cancel();
});

test('while the tool is silent, packets that say nothing come sooner than Coze loses patience', async (t) => {
  const every = setInterval;
  const periods: number[] = [];
  const faster = mock.method(globalThis, 'setInterval', (work: () => void, ms: number) => {
    periods.push(ms);
    return every(work, ms / 200);
  });
  t.teardown(() => faster.mock.restore());
  const response = await ask('say', { text: 'a b', pauseMs: 500 });
  faster.mock.restore();
  t.ok(Math.max(...periods) < 60_000, `${periods} ms`);
  const packets = packetsOf(await response.text());
  isWellFormed(t, packets);
  const content = contentOf(packets);
  t.match(content, /^\u200B.*a.*\u200B.*b/, 'before the first text and between texts');
  t.equal(content.replaceAll('\u200B', ''), 'a b');
});

test('asked in one piece, the tool gives the texts joined, by either contract', async (t) => {
  const expected = { content: 'ni hao', words: 2 };
  t.strictSame(dataOf(await post(server, '/p/talk/say', '{"text":"ni hao"}')), expected);
  t.strictSame(dataOf(await call(server, 'talk/say', { text: 'ni hao' })), expected);
});

test('long texts are cut between characters, and no packet is longer than Coze takes', async (t) => {
  const packets = await listen('long', { times: 60_000 });
  isWellFormed(t, packets);
  t.ok(packets.length > 2);
  t.ok(contentOf(packets) === '茶😀'.repeat(60_000), 'nothing is lost or cut through');
  t.ok(packets.every(({ data }) => data.content.isWellFormed()));
});

test('a tool that says nothing ends with a packet that is not empty', async (t) => {
  const packets = await listen('long', { times: 0 });
  isWellFormed(t, packets);
  t.equal(packets.length, 1);
});

test('arguments are refused as ever, in JSON', async (t) => {
  const response = await ask('say', { text: 7 });
  t.equal(response.headers.get('content-type'), 'application/json');
  t.match(await response.json(), { status: 'error', code: 'SCHEMA_VIOLATION' });
  const early = await ask('breaks', { how: 'at once' });
  t.match(await early.json(), { status: 'error', code: 'PLUGIN_FAULT' });
});

test('an answer that breaks off ends with an error that tells no secret', async (t) => {
  for (const [how, content, code] of [
    ['error', 'Ask me later.', undefined],
    ['throw', /^The plugin failed/, 'PLUGIN_FAULT'],
    ['number', /^The plugin failed/, 'PLUGIN_FAULT'],
    ['returns a number', /^The plugin failed/, 'PLUGIN_FAULT'],
    ['hang', /deadline/, 'DEADLINE_EXCEEDED'],
  ] as const) {
    const packets = await listen('breaks', { how });
    isWellFormed(t, packets);
    t.match(packets[0], { event: 'Message', data: { content: 'begun' } }, how);
    t.match(
      packets.at(-1),
      { event: 'Error', data: { content, ext: code === undefined ? {} : { code } } },
      how,
    );
    t.notMatch(JSON.stringify(packets), 'secret');
  }
});

const state = async (): Promise<{ yielded: number; ended: boolean }> => {
  const { yielded, ended } = Object(dataOf(await call(server, 'talk/state', {})));
  return { yielded, ended };
};

test('a tool waits for a reader who is slow, and is ended when the reader leaves', async (t) => {
  const socket = connect(server.port, '127.0.0.1');
  socket.pause();
  const head =
    'POST /p/talk/flood HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Length: 0\r\n\r\n';
  await new Promise<void>((resolve) => socket.write(head, () => resolve()));
  let before = -1;
  await until('the tool stands still', async () => {
    const { yielded } = await state();
    const stands = yielded > 0 && yielded === before;
    before = yielded;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return stands;
  });
  t.ok(before < 2000, `${before} texts of 10 kB are on their way`);
  let received = 0;
  socket.on('data', (bytes: Buffer) => {
    received += bytes.byteLength;
  });
  socket.resume();
  await until('it goes on', async () => (await state()).yielded > before + 50);
  socket.destroy();
  await until('it is ended', async () => (await state()).ended);
  t.ok(received > 0);
});
