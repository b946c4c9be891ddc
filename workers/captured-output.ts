/**
 * What plugins print (console.log and the like) becomes log lines: stdout belongs to the command's data,
 * and a thread's own streams would go through the main thread unbounded.
 */
import type { WorkerLog } from './worker-log.ts';

type WriteCallback = (error?: Error | null) => void;

/** Replaces this thread's stdout and stderr writers. */
export function captureOutput(log: WorkerLog): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const lines = log.child({ stream });
    process[stream].write = (
      chunk: string | Uint8Array,
      encoding?: BufferEncoding | WriteCallback,
      done?: WriteCallback,
    ): boolean => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      for (const line of text.split('\n')) if (line !== '') lines.info(line);
      // Later, as a stream does: somebody may wait for it.
      const written = typeof encoding === 'function' ? encoding : done;
      if (written !== undefined) process.nextTick(written);
      return true;
    };
  }
}
