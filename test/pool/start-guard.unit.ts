import { mock } from 'node:test';
import { type Test, test } from 'tap';
import { StartGuard } from '../../src/pool/start-guard.ts';

const PAUSE = 5000;

/** A guard on a clock of the test's own, and what it has called. */
function open(t: Test): { guard: StartGuard; calls: string[] } {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const calls: string[] = [];
  const guard = new StartGuard(
    () => calls.push('retry'),
    (ms) => calls.push(`pause ${ms}`),
  );
  t.teardown(() => {
    guard.close();
    mock.timers.reset();
  });
  return { guard, calls };
}

const fails = (): Promise<void> => Promise.reject(new Error('no start'));
const works = (): Promise<void> => Promise.resolve();

async function attempt(guard: StartGuard, start: () => Promise<void>): Promise<void> {
  await guard.attempt(start).catch(() => undefined);
}

test('starts that work, and single ones that do not, are let through', async (t) => {
  const { guard, calls } = open(t);
  for (const start of [works, works, fails, works, works, fails, works]) await attempt(guard, start);
  t.equal(guard.allows, true);
  t.strictSame(calls, []);
});

test('when most starts fail there is a pause, then one start is let through, and no second one', async (t) => {
  const { guard, calls } = open(t);
  for (let n = 0; n < 4; n++) await attempt(guard, fails);
  t.equal(guard.allows, false);
  t.strictSame(calls, [`pause ${PAUSE}`]);
  await t.rejects(guard.attempt(works), 'a start during the pause is not even tried');

  mock.timers.tick(PAUSE);
  t.strictSame(calls, [`pause ${PAUSE}`, 'retry']);
  t.equal(guard.allows, true);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = guard.attempt(() => promise);
  t.equal(guard.allows, false, 'while it has not shown how it ends');
  resolve();
  await first;
  t.equal(guard.allows, true);
  t.strictSame(calls, [`pause ${PAUSE}`, 'retry', 'retry'], 'the others may follow');
});

test('when the one after the pause fails too, there is another pause', async (t) => {
  const { guard, calls } = open(t);
  for (let n = 0; n < 4; n++) await attempt(guard, fails);
  mock.timers.tick(PAUSE);
  await attempt(guard, fails);
  t.equal(guard.allows, false);
  t.strictSame(calls, [`pause ${PAUSE}`, 'retry', `pause ${PAUSE}`]);
});

test('a closed guard tries nothing and calls nobody', async (t) => {
  const { guard, calls } = open(t);
  guard.close();
  await t.rejects(guard.attempt(works));
  mock.timers.tick(10 * PAUSE);
  t.strictSame(calls, []);
});
