/**
 * What plugins print (console.log and the like) becomes log lines: stdout belongs to the command's data,
 * and a thread's own streams would go through the main thread unbounded.
 */
import type { WorkerLog } from './worker-log.ts';

/** Replaces this thread's stdout and stderr writers. */
export function captureOutput(log: WorkerLog): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const lines = log.child({ stream });
    process[stream].write = (chunk: string | Uint8Array): boolean => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      for (const line of text.split('\n')) if (line !== '') lines.info(line);
      return true;
    };
  }
}
