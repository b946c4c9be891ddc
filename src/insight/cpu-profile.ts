/**
 * Where a thread spends its processor time, as a .cpuprofile for the tools that open those. The profiler interrupts the
 * thread from outside, so one that is caught in a loop is profiled as well; starting it costs the thread some 50 ms.
 *
 * The profiler does not know code that was optimised while its loop was already running, and would count that loop for
 * the function that called it. So, once it has begun to listen, the optimised code is thrown away and comes anew.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { startCpuProfile } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import { promptly } from '../pool/patience.ts';
import { WorkerConsole } from '../pool/worker-console.ts';

/** Rejects with `Unanswered` when the thread does not react, and with the signal's reason. Resolves with JSON. */
export async function profileWorker(worker: Worker, ms: number, signal: AbortSignal): Promise<string> {
  const handle = await promptly(worker, worker.startCpuProfile(), (late) => void late.stop().catch(ignore));
  try {
    using inside = new WorkerConsole(worker);
    await inside.forgetOptimisedCode();
    await wait(ms, undefined, { signal });
  } catch (error) {
    handle.stop().catch(ignore);
    throw error;
  }
  return promptly(worker, handle.stop());
}

/** The same of the calling thread. */
export async function profileThisThread(ms: number, signal: AbortSignal): Promise<string> {
  using handle = startCpuProfile();
  await wait(ms, undefined, { signal });
  return handle.stop();
}

function ignore(): void {}
