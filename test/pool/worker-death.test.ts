/**
 * Two workers that run two calls each at most: with three calls held, the fourth, the deadly one, shares its
 * worker with exactly one of them.
 */
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { type Answer, call, inTime, metricsOf, untilWhole } from '../support/calls.ts';
import { Gate } from '../support/gate.ts';
import { startTestServer } from '../support/server.ts';

/** The deadline of the endless loop, in ms. */
const TIMEOUT = 1000;
const GRACE = 100;
const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/calls', import.meta.url)),
  settings: {
    workers: 2,
    concurrency: 2,
    stuckGraceMs: GRACE,
    workerHeapMb: 48,
    workerYoungMb: 8,
    timeoutMs: 20_000,
    pluginSettings: { faulty: { tools: { loops: { timeoutMs: TIMEOUT } } } },
  },
});

const gate = new Gate();

interface Aftermath {
  readonly deadly: Answer;
  /** The three calls held before, and one that waited in the queue behind all of them. */
  readonly held: readonly Answer[];
  readonly waiting: Answer;
}

/** Runs the deadly call beside three others that last until it is answered, and one that waits. */
async function kill(tool: string): Promise<Aftermath> {
  await untilWhole(server);
  const labels = ['one', 'two', 'three'].map((name) => `${name} beside ${tool}`);
  const held = labels.map((label) => call(server, 'gate/pass', { label }));
  for (const label of labels) await gate.entered(label);
  const deadly = call(server, `faulty/${tool}`);
  const waiting = call(server, 'steady/hold', { text: 'waiting', ms: 0 });
  const answer = await deadly;
  // Whoever shares a thread with an endless loop cannot hear this.
  for (const label of labels) gate.open(label);
  return { deadly: answer, held: await Promise.all(held), waiting: await waiting };
}

function check(t: Test, tool: string, { held, waiting }: Aftermath): void {
  const lost = held.filter(({ status }) => status === 502);
  t.equal(lost.length, 1, 'the one that shared the worker');
  t.match(lost, [{ body: { status: 'error', code: 'WORKER_DIED' } }]);
  for (const [n, name] of ['one', 'two', 'three'].entries()) {
    const answer = held[n];
    if (answer?.status === 502) continue;
    t.match(answer, { status: 200, body: { data: { label: `${name} beside ${tool}` } } }, 'untouched');
  }
  t.match(waiting, { status: 200, body: { data: { text: 'waiting' } } }, 'the one that waited is served');
}

/** How the counters grow while `happens`. */
async function growth(
  happens: () => Promise<void>,
): Promise<Readonly<Record<'starts' | 'crashes' | 'terminations', number>>> {
  const names = ['starts', 'crashes', 'terminations'] as const;
  const read = async (): Promise<number[]> => {
    const metrics = await metricsOf(server);
    return names.map((name) => metrics.get(`hotlane_worker_${name}_total`) ?? Number.NaN);
  };
  const before = await read();
  await happens();
  await untilWhole(server);
  const after = await read();
  const [starts = 0, crashes = 0, terminations = 0] = after.map((count, n) => count - (before[n] ?? 0));
  return { starts, crashes, terminations };
}

for (const tool of ['exits', 'exits-later']) {
  test(`a plugin that ${tool.replaceAll('-', ' ')}: the worker’s calls get 502, all others their answers`, async (t) => {
    const grown = await growth(async () => {
      const aftermath = await kill(tool);
      t.match(aftermath.deadly, { status: 502, body: { status: 'error', code: 'WORKER_DIED' } });
      check(t, tool, aftermath);
    });
    t.strictSame(grown, { starts: 1, crashes: 1, terminations: 0 });
  });
}

test('a plugin that never returns: 504 in time, its worker is replaced, all others get their answers', async (t) => {
  const grown = await growth(async () => {
    const aftermath = await kill('loops');
    t.match(aftermath.deadly, { status: 504, body: { status: 'error', code: 'DEADLINE_EXCEEDED' } });
    inTime(t, aftermath.deadly, TIMEOUT);
    check(t, 'loops', aftermath);
  });
  t.strictSame(grown, { starts: 1, crashes: 0, terminations: 1 });
});

test('a plugin that eats memory: the heap limit ends its worker, all others get their answers', async (t) => {
  const grown = await growth(async () => {
    const aftermath = await kill('eats-memory');
    t.match(aftermath.deadly, { status: 502, body: { status: 'error', code: 'WORKER_DIED' } });
    check(t, 'eats-memory', aftermath);
  });
  t.strictSame(grown, { starts: 1, crashes: 1, terminations: 0 });
  t.match(
    server.log.findLast(({ message }) => message === 'worker crashed'),
    { level: 'error', fields: { reason: /memory/ } },
  );
});

test('both workers at once: everybody is answered, and the pool is whole again', async (t) => {
  const grown = await growth(async () => {
    const answers = await Promise.all(
      ['loops', 'loops', 'loops'].map((tool) => call(server, `faulty/${tool}`)),
    );
    t.ok(answers.every(({ status }) => status === 504));
  });
  t.equal(grown.starts, grown.terminations);
  t.ok(grown.terminations >= 2, 'both were replaced');
  t.match(await call(server, 'steady/hold', { text: 'after', ms: 0 }), { body: { data: { text: 'after' } } });
});

test('no slot and no block is lost over all these deaths', async (t) => {
  await untilWhole(server);
  const metrics = await metricsOf(server);
  t.equal(metrics.get('hotlane_lingering_slots'), 0);
  t.equal(metrics.get('hotlane_calls_in_flight'), 0);
  t.equal(metrics.get('hotlane_workers{state="serving"}'), 2);
});

test('the server stops in order', async () => {
  gate.close();
  await server.stop();
});
