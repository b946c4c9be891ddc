/**
 * Two workers that run two calls each at most: with three calls held, the fourth, the deadly one, shares its
 * worker with exactly one of them.
 */
import { pbkdf2Sync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { type Answer, call, healthOf, inTime, metricsOf, until, untilWhole } from '../support/calls.ts';
import { Gate } from '../support/gate.ts';
import { startTestServer } from '../support/server.ts';

/** The deadline of the endless loop, in ms. */
const TIMEOUT = 700;
const GRACE = 400;
const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/calls', import.meta.url)),
  settings: {
    workers: 2,
    concurrency: 2,
    stuckGraceMs: GRACE,
    workerHeapMb: 48,
    workerYoungMb: 8,
    timeoutMs: 20_000,
    workerMemoryMb: 128,
    zombieLimit: 1,
    // Nobody is refused for how long such calls took before.
    startBudgetMs: 0,
    breaker: false,
    pluginSettings: {
      faulty: {
        tools: {
          loops: { timeoutMs: TIMEOUT },
          matches: { timeoutMs: TIMEOUT },
          derives: { timeoutMs: TIMEOUT },
        },
      },
    },
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
): Promise<Readonly<Record<'crashes' | 'terminations', number>>> {
  const names = ['crashes', 'terminations'] as const;
  const read = async (): Promise<number[]> => {
    const metrics = await metricsOf(server);
    return names.map((name) => metrics.get(`hotlane_worker_${name}_total`) ?? Number.NaN);
  };
  const before = await read();
  await happens();
  await untilWhole(server);
  const after = await read();
  const [crashes = 0, terminations = 0] = after.map((count, n) => count - (before[n] ?? 0));
  return { crashes, terminations };
}

/** What the log says about the place where the tool kept its worker. */
const stuckIn = (tool: string) =>
  server.log.find(({ message, fields }) => message === 'a worker is stuck' && fields.tool === tool);

for (const tool of ['exits', 'exits-later']) {
  test(`a plugin that ${tool.replaceAll('-', ' ')}: the worker’s calls get 502, all others their answers`, async (t) => {
    const grown = await growth(async () => {
      const aftermath = await kill(tool);
      t.match(aftermath.deadly, { status: 502, body: { status: 'error', code: 'WORKER_DIED' } });
      check(t, tool, aftermath);
    });
    t.equal(grown.crashes, 1);
    t.equal(grown.terminations, 0);
  });
}

test('a plugin that never returns: 504 in time, its worker is replaced, all others get their answers', async (t) => {
  const grown = await growth(async () => {
    const aftermath = await kill('loops');
    t.match(aftermath.deadly, { status: 504, body: { status: 'error', code: 'DEADLINE_EXCEEDED' } });
    inTime(t, aftermath.deadly, TIMEOUT);
    check(t, 'loops', aftermath);
  });
  t.equal(grown.crashes, 0);
  t.equal(grown.terminations, 1);
  t.match(stuckIn('loops'), {
    level: 'error',
    fields: { plugin: 'faulty', where: /^index\.ts:\d+ execute$/ },
  });
});

test('a catastrophic regular expression: 504 in time, and the log names the place and the call', async (t) => {
  await untilWhole(server);
  const answer = await call(server, 'faulty/matches', {}, { headers: { 'X-Request-Id': 'the-regex' } });
  t.match(answer, { status: 504, body: { code: 'DEADLINE_EXCEEDED' } });
  inTime(t, answer, TIMEOUT);
  await until('the line is there', () => stuckIn('matches') !== undefined);
  t.match(stuckIn('matches'), {
    fields: { plugin: 'faulty', requestId: 'the-regex', where: /^index\.ts:\d+ isAllA$/ },
  });
});

/** Rounds of `derives` that take this machine so many ms. */
function roundsFor(ms: number): number {
  const rounds = 20_000;
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    pbkdf2Sync('a', 'b', rounds, 64, 'sha512');
    return performance.now() - begun;
  });
  return Math.ceil((rounds * ms) / Math.min(...times));
}

test('native code that blocks: 504 in time, a replacement serves while the thread is still stuck', async (t) => {
  await untilWhole(server);
  const answer = await call(server, 'faulty/derives', { rounds: roundsFor(3500) });
  t.match(answer, { status: 504, body: { code: 'DEADLINE_EXCEEDED' } });
  inTime(t, answer, TIMEOUT);
  await until('the line is there', () => stuckIn('derives') !== undefined);
  await until('it is replaced', async () => (await healthOf(server)).workers.serving === 2);
  t.match(stuckIn('derives'), { fields: { plugin: 'faulty', where: /^inside native code/ } });
  await until('it counts as a zombie', async () => {
    return (await metricsOf(server)).get('hotlane_worker_zombies') === 1;
  });
  t.equal((await fetch(`${server.adminUrl}/readyz`)).status, 200, 'one is below the limit');
});

test('a worker with too many Buffers is exchanged, and no call is lost', async (t) => {
  await untilWhole(server);
  const answers: Answer[] = [];
  const recycled = 'hotlane_worker_recycles_total{reason="memory"}';
  await until('one is recycled', async () => {
    answers.push(await call(server, 'faulty/keeps-buffers', { mib: 16 }));
    return ((await metricsOf(server)).get(recycled) ?? 0) > 0;
  });
  await untilWhole(server);
  t.strictSame([...new Set(answers.map(({ status }) => status))], [200]);
});

test('large arrays pushed as fast as can be: the worker goes, the process stays', async (t) => {
  await untilWhole(server);
  t.match(await call(server, 'faulty/eats-arrays'), { status: 502, body: { code: 'WORKER_DIED' } });
});

test('a plugin that eats memory: the heap limit ends its worker, all others get their answers', async (t) => {
  const grown = await growth(async () => {
    const aftermath = await kill('eats-memory');
    t.match(aftermath.deadly, { status: 502, body: { status: 'error', code: 'WORKER_DIED' } });
    check(t, 'eats-memory', aftermath);
  });
  t.equal(grown.crashes, 0, 'the engine did not have to end it');
  t.ok(grown.terminations >= 1);
  t.match(
    server.log.findLast(({ fields }) => /of heap, the limit/.test(String(fields.reason))),
    { level: 'warn', fields: { reason: /^out of memory: \d+ MiB of heap, the limit is 48 MiB$/ } },
  );
});

test('both workers at once: everybody is answered, and the pool is whole again', async (t) => {
  const replaced = (): number =>
    server.log.filter(({ message }) => message === 'a lost worker is replaced').length;
  const before = replaced();
  const grown = await growth(async () => {
    const answers = await Promise.all(
      ['loops', 'loops', 'loops'].map((tool) => call(server, `faulty/${tool}`)),
    );
    t.strictSame([...new Set(answers.map(({ status }) => status))], [504]);
  });
  t.ok(grown.terminations >= 2);
  t.ok(replaced() - before >= 2, 'both were replaced');
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
