/** What keeps one plugin's trouble from the others, on a real server with two workers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { type Answer, call, healthOf, metricsOf, until, untilWhole } from '../support/calls.ts';
import { startTestServer } from '../support/server.ts';

const PAUSE = 400;
const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/protection', import.meta.url)),
  settings: {
    workers: 2,
    concurrency: 4,
    queueLimit: 40,
    timeoutMs: 5000,
    breakerPauseMs: PAUSE,
    pluginSettings: {
      bad: {
        tools: { hang: { timeoutMs: 1500 }, loop: { timeoutMs: 200 }, compute: { startBudgetMs: 400 } },
      },
    },
  },
});
tap.teardown(server.stop);
const folder = mkdtempSync(join(tmpdir(), 'hotlane-protection-'));
tap.teardown(() => rmSync(folder, { recursive: true }));

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const many = (path: string, count: number, parameters: object = {}): Promise<Answer>[] =>
  numbers(count).map((n) => call(server, path, { n, ...parameters }));
const codeOf = ({ status, body }: Answer): unknown => (status === 200 ? 200 : body['code']);
const moody = (fail: boolean): Promise<Answer> => call(server, 'bad/moody', { n: 1, fail });

test('a tool whose calls mostly fail is refused at once for a while, and tried again by one call', async (t) => {
  await Promise.all(many('bad/moody', 20, { fail: true }));
  const refused = await moody(false);
  t.equal(codeOf(refused), 'CIRCUIT_OPEN');
  t.equal(refused.status, 503);
  t.equal(refused.headers.get('retry-after'), '1');
  t.match(server.control.plugins(), [{ name: 'bad', circuits: [{ tool: 'moody', state: 'open' }] }, {}]);
  const metrics = await metricsOf(server);
  t.equal(metrics.get('hotlane_circuit_state{plugin="bad",tool="moody",state="open"}'), 1);
  t.equal(metrics.get('hotlane_circuit_openings_total{plugin="bad",tool="moody"}'), 1);
  t.equal(
    codeOf(await call(server, 'bad/rest', { n: 1, ms: 1 })),
    200,
    'other tools of the plugin are not refused',
  );

  await wait(PAUSE + 50);
  t.equal(codeOf(await moody(true)), 'PLUGIN_FAULT', 'the probe');
  t.equal(codeOf(await moody(false)), 'CIRCUIT_OPEN', 'failed');
  await wait(PAUSE + 50);
  t.equal(codeOf(await moody(false)), 200, 'the next probe');
  t.equal(codeOf(await moody(true)), 'PLUGIN_FAULT', 'closed it');
  const told = server.log.map(({ message }) => message).filter((message) => message.startsWith('circuit'));
  t.equal(told.length, 5, told.join('\n'));
});

test('the caller’s own mistakes open no circuit', async (t) => {
  const answers = await Promise.all(
    numbers(30).map(() => call(server, 'bad/rest', { n: 'no number', ms: 1 })),
  );
  t.ok(answers.every(({ status }) => status === 400));
  t.equal(codeOf(await call(server, 'bad/rest', { n: 1, ms: 1 })), 200);
});

test('a plugin that computes without end leaves a worker to its neighbours', async (t) => {
  await Promise.all(many('good/rest', 3));
  const flood = many('bad/compute', 12, { ms: 60 });
  const answers: Answer[] = [];
  for (const n of numbers(20)) answers.push(await call(server, 'good/rest', { n }));
  t.ok(answers.every(({ status }) => status === 200));
  const slowest = answers.toSorted((a, b) => b.ms - b.stalled - (a.ms - a.stalled))[1];
  t.ok((slowest?.ms ?? 0) < 60 + 2 * (slowest?.stalled ?? 0), `second slowest ${slowest?.ms.toFixed()} ms`);
  t.ok((await Promise.all(flood)).some(({ status }) => status === 200));
});

test('a call that never gives its thread back takes no call of its neighbours along', async (t) => {
  await Promise.all(many('good/rest', 3));
  const over = new AbortController();
  const neighbours = numbers(4).map(async (n) => {
    const answers: Answer[] = [];
    while (!over.signal.aborted) answers.push(await call(server, 'good/rest', { n }));
    return answers;
  });
  for (const n of numbers(3)) t.equal(codeOf(await call(server, 'bad/loop', { n })), 'DEADLINE_EXCEEDED');
  await untilWhole(server);
  over.abort();
  const answers = (await Promise.all(neighbours)).flat();
  t.strictSame(answers.filter(({ status }) => status !== 200).map(codeOf), [], `${answers.length} answers`);
});

test('a plugin that hangs keeps only its own callers waiting', async (t) => {
  await Promise.all(many('good/rest', 3));
  const flood = many('bad/hang', 30);
  await until('calls hang', async () => (await healthOf(server)).calls.inFlight >= 8);
  for (const n of numbers(20)) {
    const answer = await call(server, 'good/rest', { n });
    t.equal(answer.status, 200);
    t.ok(answer.ms < 1000, `after ${answer.ms.toFixed()} ms`);
  }
  const hung = (await Promise.all(flood)).map(codeOf);
  t.ok(hung.includes('DEADLINE_EXCEEDED'));
  await untilWhole(server);
});

test('calls that would wait too long are refused at once with the time to come back', async (t) => {
  await Promise.all(many('bad/compute', 4, { ms: 40 }));
  const answers = await Promise.all(many('bad/compute', 36, { ms: 40 }));
  const refused = answers.filter((answer) => codeOf(answer) === 'OVERLOADED');
  const served = answers.filter(({ status }) => status === 200);
  t.equal(refused.length + served.length, answers.length);
  t.ok(refused.length > 0 && served.length > 4, `${refused.length} refused, ${served.length} served`);
  t.ok(refused.every(({ headers }) => headers.get('retry-after') === '1'));
});

test('a call of an idempotent tool survives its worker', async (t) => {
  const answer = await call(server, 'bad/die', { n: 7, file: join(folder, 'died') });
  t.match(answer, { status: 200, body: { data: { n: 7 } } });
  const metrics = await metricsOf(server);
  t.equal(metrics.get('hotlane_retries_total{plugin="bad",tool="die"}'), 1);
  await untilWhole(server);
});

test('an answer says where its time went, to those who ask', async (t) => {
  const asked = await call(server, 'good/rest', { n: 1 }, { headers: { 'X-Server-Timing': '1' } });
  const timing = asked.headers.get('server-timing') ?? '';
  const phases = new Map(timing.split(', ').map((phase) => phase.split(';dur=') as [string, string]));
  t.strictSame([...phases.keys()], ['read', 'queue', 'parse', 'validate', 'run', 'encode']);
  t.ok(Number(phases.get('run')) >= 4, timing);
  t.ok(
    [...phases.values()].every((ms) => Number(ms) >= 0 && Number(ms) <= asked.ms + asked.stalled),
    timing,
  );
  t.equal((await call(server, 'good/rest', { n: 1 })).headers.get('server-timing'), null);
  const metrics = await metricsOf(server);
  const counted = ['read', 'queue', 'parse', 'validate', 'run', 'encode', 'send'].map((phase) =>
    metrics.get(`hotlane_call_phase_seconds_count{plugin="good",tool="rest",phase="${phase}"}`),
  );
  t.ok((counted[0] ?? 0) > 40);
  t.equal(new Set(counted).size, 1, `every phase of every call: ${counted.join(' ')}`);
});
