/** Tasks with a thread each, in real threads. */
import { Piscina } from 'piscina';
import { type Test, test } from 'tap';
import { inOwnThread, type OwnThread } from '../../src/pool/own-thread.ts';

/** Starts tasks. Each thread in turn: milliseconds it takes to be ready, or, negative, the exit code it ends with before. */
function poolOf(t: Test, ...threads: readonly number[]) {
  const plan = new Int32Array(new SharedArrayBuffer(4 * (1 + threads.length)));
  plan.set(threads, 1);
  const pool = new Piscina({
    filename: new URL('../fixtures/thread-start/uneven.mjs', import.meta.url).href,
    minThreads: 0,
    maxThreads: 8,
    idleTimeout: 0,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    workerData: { plan },
  });
  t.teardown(() => pool.destroy());
  const start = (task: string, abort = new AbortController()): OwnThread & { readonly thread: number } => {
    const own = inOwnThread(pool, task, [], abort);
    const thread = own.worker.threadId;
    Atomics.compareExchange(plan, 0, 0, thread);
    Atomics.notify(plan, 0);
    return { ...own, thread };
  };
  return { pool, start };
}

test('a task has the thread that was started for it, also where others are ready before', async (t) => {
  const { start } = poolOf(t, 300, 0, 100);
  const [first, second, third] = [start('first'), start('second'), start('third')];
  const ran = await Promise.all([first.returned, second.returned, third.returned]);
  t.strictSame(ran, [
    { task: 'first', thread: first.thread },
    { task: 'second', thread: second.thread },
    { task: 'third', thread: third.thread },
  ]);
});

test('a task whose thread ends before it is ready fails at once; the others run, in no more threads', async (t) => {
  const { pool, start } = poolOf(t, -7, 200, 200);
  const [first, second, third] = [start('first'), start('second'), start('third')];
  await t.rejects(first.returned);
  t.equal(await first.exit, 7);
  t.match(await second.returned, { task: 'second', thread: second.thread });
  t.match(await third.returned, { task: 'third', thread: third.thread });
  t.ok(pool.threads.length <= 2);
});

test('a task that is taken back before its thread is ready is not run by another', async (t) => {
  const { start } = poolOf(t, 200, 0);
  const abort = new AbortController();
  const first = start('first', abort);
  abort.abort();
  void first.worker.terminate();
  await t.rejects(first.returned);
  await first.exit;
  const second = start('second');
  t.match(await second.returned, { task: 'second', thread: second.thread });
});

test('a thread that ends in its task fails it', async (t) => {
  const { start } = poolOf(t, 0);
  const own = start('exit');
  await t.rejects(own.returned);
  t.equal(await own.exit, 3);
});
