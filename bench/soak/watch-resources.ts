/** Looks at what a server holds, every two seconds. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resources } from '../process/resources.ts';
import type { Server } from '../variants/server.ts';

export interface Sample extends Resources {
  /** Since the first. */
  readonly minutes: number;
}

const sampleMs = 2000;

/** Adds to `samples` until it is over or the server has gone. */
export async function watchResources(server: Server, samples: Sample[], over: AbortSignal): Promise<void> {
  const begun = performance.now();
  const isOver = new Promise<undefined>((resolve) => {
    over.addEventListener('abort', () => resolve(undefined));
  });
  while (!over.aborted) {
    // A server that ends between question and answer never gives one.
    const resources = await Promise.race([server.resources().catch(() => undefined), isOver]);
    if (resources === undefined) return;
    samples.push({ ...resources, minutes: (performance.now() - begun) / 60_000 });
    await sleep(sampleMs, undefined, { signal: over }).catch(() => undefined);
  }
}
