/** How answers in pieces end when something else ends: the client, the worker, the version, the server. */
import { cpSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { until, untilWhole } from '../support/calls.ts';
import { ownFolder } from '../support/own-folder.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { startTestServer } from '../support/server.ts';

const place = ownFolder(tap, { plugins: {}, state: {} });
const plugins = join(place, 'plugins');
cpSync(fileURLToPath(new URL('../fixtures/streams', import.meta.url)), plugins, { recursive: true });
const server = await startTestServer({
  plugins,
  settings: { workers: 1, concurrency: 256, hotReload: true, stateDir: join(place, 'state'), drainMs: 1500 },
});
tap.teardown(server.stop);

interface Steps {
  readonly steps: number;
  readonly pauseMs?: number;
  /** Before this one the worker ends. */
  readonly fatalStep?: number;
}

const HEADERS = { 'Content-Type': 'application/json', Accept: 'text/event-stream' };

/** Resolves with the head of the answer. */
const ask = (input: Steps): Promise<Response> =>
  fetch(`${server.url}/p/steps/go`, { method: 'POST', headers: HEADERS, body: JSON.stringify(input) });

/** All of an answer: its texts joined, and its last packet. */
async function heard(response: Response): Promise<{ content: string; event: string; last: object }> {
  const packets = (await response.text()).trimEnd().split('\n\n');
  const data = packets.map((packet) => JSON.parse(packet.slice(packet.indexOf('data: ') + 6)));
  return {
    content: data.map(({ content }) => content).join(''),
    event: /^event: (.*)$/m.exec(packets.at(-1) ?? '')?.[1] ?? '',
    last: data.at(-1),
  };
}

const stepsTo = (count: number): string => Array.from({ length: count }, (_, step) => `${step} `).join('');

test('two hundred answers at once are all whole', async (t) => {
  const all = await Promise.all(
    Array.from({ length: 200 }, async () => heard(await ask({ steps: 5, pauseMs: 10 }))),
  );
  for (const { content, last } of all) {
    if (!content.startsWith(stepsTo(5))) t.fail(content);
    t.match(last, { is_finish: true, ext: { gone: '5' } });
  }
});

test('whenever clients leave, nothing is left behind', async (t) => {
  const body = '{"steps":6,"pauseMs":10}';
  const head = `POST /p/steps/go HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n`;
  const connections = await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const connection = await RawConnection.to(server.port);
      connection.send(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
      setTimeout(
        () => (index % 2 === 0 ? connection.drop() : connection.socket.resetAndDestroy()),
        index * 2,
      );
      return connection;
    }),
  );
  await Promise.all(connections.map(({ closed }) => closed));
  await untilWhole(server);
  t.match(await heard(await ask({ steps: 1 })), { content: /^0 / });
});

test('a worker that ends in the middle ends the answer, and what was said is not said again', async (t) => {
  const { content, event, last } = await heard(await ask({ steps: 5, pauseMs: 80, fatalStep: 2 }));
  t.match(content, /^0 1 The worker/);
  t.equal(event, 'Error');
  t.match(last, { is_finish: true, ext: { code: 'WORKER_DIED' } });
  await untilWhole(server);
});

test('an answer that has begun is ended by the version that began it', async (t) => {
  const before = await ask({ steps: 40, pauseMs: 20 });
  await appendFile(join(plugins, 'steps/index.ts'), '\n// Changed.\n');
  await until('the new version serves', async () =>
    server.reports.some(({ outcome }) => outcome === 'rolled'),
  );
  const after = await ask({ steps: 1 });
  const { content, last } = await heard(before);
  t.ok(content.startsWith(stepsTo(40)), content);
  t.match(last, { is_finish: true, ext: { gone: '40' } });
  t.match(await heard(after), { content: /^0 / });
});

test('the end of the server waits for answers, and tells those that would take too long', async (t) => {
  const [short, long] = await Promise.all([
    ask({ steps: 20, pauseMs: 20 }),
    ask({ steps: 1000, pauseMs: 20 }),
  ]);
  const stopped = server.stop();
  const whole = await heard(short);
  t.ok(whole.content.startsWith(stepsTo(20)), whole.content);
  t.match(whole.last, { is_finish: true, ext: { gone: '20' } });
  const cut = await heard(long);
  t.equal(cut.event, 'Error');
  t.match(cut.last, { is_finish: true, ext: { code: 'SHUTTING_DOWN' } });
  await stopped;
});
