/** Real threads. Where the system lets nobody come back, what is tested is that nobody is left behind. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Test, test } from 'tap';
import { niceValueToReturnTo } from '../../src/scheduling/return-right.ts';
import { findScheduler, type Scheduler, type Turns } from '../../src/scheduling/scheduler.ts';
import type { Standing } from '../../src/scheduling/standing.ts';
import { startThread } from '../../src/scheduling/start-thread.ts';
import { BACK, niceOf, ON_LINUX, USUAL } from './nice.ts';

const mayReturn = niceValueToReturnTo() !== undefined;

interface Told {
  readonly tid: number;
  readonly turns: Turns;
}

/** Notes what the system is told. */
function noting(): { readonly scheduler: Scheduler; readonly told: readonly Told[] } {
  const told: Told[] = [];
  const scheduler: Scheduler = (tid, turns) => {
    told.push({ tid, turns });
    return findScheduler()?.(tid, turns) ?? true;
  };
  return { scheduler, told };
}

/** A thread that waits; with a function that ends it. */
async function waiting(
  t: Test,
  scheduler: Scheduler,
): Promise<{ readonly standing: Standing | undefined; readonly end: () => Promise<void> }> {
  const { started: worker, standing } = startThread(
    () => new Worker("require('node:worker_threads').parentPort.once('message', () => 0)", { eval: true }),
    scheduler,
  );
  t.teardown(() => worker.terminate());
  await once(worker, 'online');
  const end = async (): Promise<void> => {
    worker.postMessage('end');
    await once(worker, 'exit');
  };
  return { standing, end };
}

test('a thread stands back and competes again, and no other thread does', ON_LINUX, async (t) => {
  const { scheduler, told } = noting();
  const { standing } = await waiting(t, scheduler);
  t.strictSame(told, []);
  standing?.standBack();
  standing?.standBack();
  t.equal(told.length, mayReturn ? 1 : 0, 'once');
  for (const { tid } of told) t.equal(niceOf(tid), BACK);
  t.equal(niceOf(process.pid), USUAL);
  standing?.compete();
  for (const { tid } of told) t.equal(niceOf(tid), USUAL);
  standing?.compete();
  t.equal(told.length, mayReturn ? 2 : 0, 'what competes already is left alone');
});

test('a thread that retires stands back, also where it could not come back', ON_LINUX, async (t) => {
  const { scheduler, told } = noting();
  const { standing } = await waiting(t, scheduler);
  standing?.retire();
  t.strictSame(
    told.map(({ tid }) => niceOf(tid)),
    [BACK],
  );
});

test('turns of a thread that stands back are longer than those of others', ON_LINUX, async (t) => {
  const { scheduler, told } = noting();
  const { standing } = await waiting(t, scheduler);
  standing?.standBack();
  standing?.compete();
  standing?.retire();
  const back = { nice: BACK, sliceUs: 10_000 };
  t.strictSame(
    told.map(({ turns }) => turns),
    mayReturn ? [back, { nice: USUAL, sliceUs: 0 }, back] : [back],
  );
});

test('a thread that has ended is left alone: its number may be that of another', ON_LINUX, async (t) => {
  const { scheduler, told } = noting();
  const { standing, end } = await waiting(t, scheduler);
  await end();
  standing?.standBack();
  standing?.retire();
  t.ok(standing);
  t.strictSame(told, []);
});

test('two threads that start at once cannot be told apart, and compete for ever', ON_LINUX, async (t) => {
  const workers: Worker[] = [];
  const { standing } = startThread(() => {
    for (let i = 0; i < 2; i++) workers.push(new Worker('0', { eval: true }));
  }, noting().scheduler);
  t.equal(standing, undefined);
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
});
