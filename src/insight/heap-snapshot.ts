/**
 * What a worker's heap holds, as a .heapsnapshot file. The worker writes it itself, in its own thread: `getHeapSnapshot`
 * of the parent's side turns the snapshot into JSON on the main thread, which would keep all sockets waiting (0.7 s for
 * 50 MB) and hold all of it in memory.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { WorkerConsole } from '../pool/worker-console.ts';

/** A file in the system's folder for temporary ones; disposing of it deletes it. */
export interface HeapSnapshot extends AsyncDisposable {
  readonly file: string;
  readonly bytes: number;
}

/** Rejects with `Unanswered` when the thread does not react, ends, or cannot write. */
export async function takeHeapSnapshot(worker: Worker): Promise<HeapSnapshot> {
  // Only the owner may look into it: a heap holds what users said.
  const folder = await mkdtemp(join(tmpdir(), 'hotlane-heap-'));
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const file = join(folder, 'worker.heapsnapshot');
  try {
    using inside = new WorkerConsole(worker);
    await inside.evaluate(`process.getBuiltinModule('node:v8').writeHeapSnapshot(${JSON.stringify(file)})`);
    return { file, bytes: (await stat(file)).size, [Symbol.asyncDispose]: discard };
  } catch (error) {
    await discard();
    throw error;
  }
}
