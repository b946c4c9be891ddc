/**
 * A thread of its own for a task. Piscina keeps tasks until one of its threads is ready, and then gives them, oldest first, to
 * the threads without one, those first that still start, oldest first. So a task has the thread that was started for it,
 * unless that one ends before: then its task would stay in the queue, be given to the thread of the next, and for the
 * last one in the row Piscina would start threads until it has no room. Hence such a task is taken back at once.
 */
import type { Transferable, Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';

export interface OwnThread {
  readonly worker: Worker;
  /** Settles as the task does, and rejects when the thread ends before. */
  readonly returned: Promise<unknown>;
  /** Resolves with the exit code. */
  readonly exit: Promise<number>;
}

/**
 * Starts a thread for a task; `abort` takes the task back, or ends the thread that runs it. The pool must have room for
 * one more thread and none without a task.
 */
export function inOwnThread(
  pool: Piscina,
  task: unknown,
  transferList: Transferable[],
  abort: AbortController,
): OwnThread {
  const before = new Set<Worker>(pool.threads);
  const returned = pool.run(task, { signal: abort.signal, transferList });
  const worker = pool.threads.find((thread) => !before.has(thread));
  if (worker === undefined) throw new Error('the pool started no thread: it has no room, or an idle one');
  const exit = new Promise<number>((resolve) => {
    // Piscina's own listener comes before: what the thread ran has been settled by it.
    worker.once('exit', (code) => {
      abort.abort(`the thread exited with code ${code}`);
      resolve(code);
    });
  });
  return { worker, returned, exit };
}
