/**
 * Looks for the Piscina settings that answer the most echo requests behind uWebSockets.js, so that hotlane is
 * compared with a pool at its best and not with its defaults.
 */
import type { ClosedLoad } from '../measure/throughput.ts';
import { measureThroughput } from '../measure/throughput.ts';
import { piscinaTuned } from '../variants/all.ts';
import { Server } from '../variants/server.ts';
import type { PoolSettings } from '../variants/servers/pool-settings.ts';
import type { Context } from './scenario.ts';

/** The winner of earlier searches, for when there is no time to search. */
export const knownGood: PoolSettings = {
  atomics: 'async',
  concurrentTasksPerWorker: 64,
  threads: 1,
  body: 'string',
};

export interface Tried {
  readonly settings: PoolSettings;
  readonly perSecond: number;
}

/** How many of the first heat go on to the final. */
const finalists = 3;

/** Best first. The first heat is short; its best are measured again, longer. */
export async function searchPiscina(context: Context, load: ClosedLoad): Promise<readonly Tried[]> {
  const heat: Tried[] = [];
  const all = candidates();
  for (const [index, settings] of all.entries()) {
    context.progress(`piscina settings: ${index + 1} of ${all.length}`);
    await context.untilQuiet();
    heat.push(await measure(settings, load, 1));
  }
  const ranked = heat.toSorted((a, b) => b.perSecond - a.perSecond);
  const final: Tried[] = [];
  for (const { settings } of ranked.slice(0, finalists)) {
    context.progress('piscina settings: final');
    await context.untilQuiet();
    final.push(await measure(settings, load, 3));
  }
  return [...final.toSorted((a, b) => b.perSecond - a.perSecond), ...ranked.slice(finalists)];
}

function candidates(): readonly PoolSettings[] {
  const all: PoolSettings[] = [];
  for (const atomics of ['sync', 'async', 'disabled'] as const) {
    for (const threads of [1, 2]) {
      for (const concurrentTasksPerWorker of [1, 8, 64]) {
        all.push({ atomics, concurrentTasksPerWorker, threads, body: 'string' });
      }
      all.push({ atomics, concurrentTasksPerWorker: 64, threads, body: 'bytes' });
    }
  }
  return all;
}

async function measure(settings: PoolSettings, load: ClosedLoad, seconds: number): Promise<Tried> {
  const server = await Server.start(piscinaTuned('uws', settings));
  try {
    await load.generator({ ...load, port: server.port, seconds: 1 });
    const { perSecond, faults } = await measureThroughput(server, load, seconds);
    // Settings under which answers go wrong or missing are no candidate.
    return { settings, perSecond: Object.keys(faults).length > 0 ? 0 : perSecond };
  } finally {
    await server.stop();
  }
}
