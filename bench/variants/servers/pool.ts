/** A Piscina pool that answers bodies, one `run` each. */
import { Piscina } from 'piscina';
import type { PoolSettings } from './pool-settings.ts';
import type { PoolTask } from './pool-task.ts';
import type { Reply } from './tool-calls.ts';
import type { ToolPath } from './tool-paths.ts';

export type PoolCall = (path: ToolPath, body: Buffer) => Promise<Reply>;

/** Starts the pool; resolves when its threads are up. */
export function poolCall(settings: PoolSettings | undefined): PoolCall {
  const pool = new Piscina<PoolTask, string | Reply>({
    filename: new URL('pool-task.ts', import.meta.url).pathname,
    // Beside the settings searched for, leave out what costs time and gives nothing here.
    ...(settings === undefined
      ? {}
      : {
          atomics: settings.atomics,
          concurrentTasksPerWorker: settings.concurrentTasksPerWorker,
          minThreads: settings.threads,
          maxThreads: settings.threads,
          recordTiming: false,
        }),
  });
  const asBytes = settings?.body === 'bytes';
  return async (path, body) => {
    const result = await pool.run({ path, body: asBytes ? new Uint8Array(body) : body.toString() });
    return typeof result === 'string' ? { status: 200, json: result } : result;
  };
}
