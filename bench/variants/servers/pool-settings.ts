/** The Piscina settings a baseline is started with; handed over as JSON argument. */

export interface PoolSettings {
  readonly atomics: 'sync' | 'async' | 'disabled';
  readonly concurrentTasksPerWorker: number;
  /** Both `minThreads` and `maxThreads`. */
  readonly threads: number;
  /** How the body reaches the worker: as string, or as bytes (copied by the structured clone). */
  readonly body: 'string' | 'bytes';
}

/** For people to read. */
export function settingsText({ atomics, concurrentTasksPerWorker, threads, body }: PoolSettings): string {
  return `atomics ${atomics}, ${concurrentTasksPerWorker} tasks per worker, threads ${threads}, body as ${body}`;
}
