import { setTimeout as delay } from 'node:timers/promises';
import tap, { test } from 'tap';
import { Gate } from '../support/gate.ts';
import { callsInFlight, workersServing } from '../support/health.ts';
import { type Answer, call, dataOf, isError } from '../support/http-call.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** The plugin's deadline, and another one for one of its tools, in ms. */
const PASS = 600;
const SPIN = 700;
const pluginSettings = { gate: { timeoutMs: PASS, tools: { spin: { timeoutMs: SPIN } } } };
const gate = new Gate();
tap.teardown(() => gate.close());

/** The answer, and how long it took in ms. */
async function timed(answer: Promise<Answer>): Promise<{ readonly answer: Answer; readonly took: number }> {
  const start = performance.now();
  return { answer: await answer, took: performance.now() - start };
}

/** Makes one call after the other until `until` settles; how many there were. */
async function meanwhile(to: TestServer, until: Promise<unknown>): Promise<number> {
  const end = until.then(() => 'over');
  for (let count = 0; ; count++) {
    const next = call(to, 'echo', { count }).then((answer) => JSON.stringify(dataOf(answer)));
    const first = await Promise.race([end, next]);
    if (first === 'over') return count;
    if (first !== `{"count":${count}}`) throw new Error(first);
    await delay(10);
  }
}

const server = await startTestServer({ settings: { workers: 1, stuckGraceMs: 50, pluginSettings } });
tap.teardown(server.stop);

test('at its deadline a call gets 504 and sees its signal, while others go on', async (t) => {
  await call(server, 'echo', {});
  const late = timed(call(server, 'gate/pass', { label: 'late' }));
  const count = await meanwhile(server, late);
  const { answer, took } = await late;
  isError(t, answer, 'DEADLINE_EXCEEDED');
  t.ok(took > PASS - 5 && took < PASS + 2000, `after ${took.toFixed(0)} ms`);
  t.equal(await gate.aborted('late'), 'TimeoutError');
  t.ok(count >= 2, `${count} others were answered meanwhile`);
});

test('the only worker stuck is replaced, and what waited meanwhile is answered', async (t) => {
  const stuck = call(server, 'gate/spin', { label: 'alone', ms: 60_000 });
  await gate.entered('alone');
  const waiting = Array.from({ length: 20 }, (_, number) => call(server, 'echo', { number }));
  isError(t, await stuck, 'DEADLINE_EXCEEDED');
  t.same(
    (await Promise.all(waiting)).map(dataOf),
    Array.from(waiting, (_, number) => ({ number })),
  );
});

test('a call whose deadline passes while it waits gets 504 and is never run', async (t) => {
  const own = await startTestServer({ settings: { workers: 1, concurrency: 1, pluginSettings } });
  t.teardown(own.stop);
  const running = call(own, 'reply/later', { text: 'done', ms: 2 * PASS });
  await callsInFlight(own, 1);
  const expired = call(own, 'gate/pass', { label: 'expired' });
  isError(t, await Promise.race([expired, running]), 'DEADLINE_EXCEEDED');
  t.same(dataOf(await running), { text: 'done' });
  t.same(dataOf(await call(own, 'echo', { a: 1 })), { a: 1 });
  t.equal(gate.entries('expired'), 0);
});

test('a call that never comes back gets 504 in time, and nobody else waits for it', async (t) => {
  const own = await startTestServer({ settings: { workers: 2, stuckGraceMs: 50, pluginSettings } });
  t.teardown(own.stop);
  await workersServing(own, 2);
  await call(own, 'echo', {});
  const stuck = timed(call(own, 'gate/spin', { label: 'stuck', ms: 60_000 }));
  const count = await meanwhile(own, stuck);
  const { answer, took } = await stuck;
  isError(t, answer, 'DEADLINE_EXCEEDED');
  t.ok(took > SPIN - 5 && took < SPIN + 2000, `after ${took.toFixed(0)} ms`);
  t.ok(count >= 2, `${count} others were answered meanwhile`);
  while (!own.log.some(({ message }) => message === 'worker ended')) {
    t.same(dataOf(await call(own, 'echo', { a: 1 })), { a: 1 });
  }
});
