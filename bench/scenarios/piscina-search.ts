/**
 * Looks for the Piscina settings that answer the most echo requests behind uWebSockets.js, so that hotlane is
 * compared with a pool at its best and not with its defaults.
 */
import { type ClosedLoad, measureThroughput, type Throughput } from '../measure/throughput.ts';
import { median } from '../report/spread.ts';
import { piscinaTuned } from '../variants/all.ts';
import { Server } from '../variants/server.ts';
import type { PoolSettings } from '../variants/servers/pool-settings.ts';
import { interleave } from './interleave.ts';
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

/** How many of the heat go on to the final. */
const finalists = 4;
const finalRounds = 3;

/**
 * The finalists, best first. In the heat each candidate is measured once, for a second; the final measures the
 * best of them in turns, so that a moment's noise does not choose the winner.
 */
export async function searchPiscina(context: Context, load: ClosedLoad): Promise<readonly Tried[]> {
  const heat: Tried[] = [];
  const all = candidates();
  for (const [index, settings] of all.entries()) {
    context.progress(`piscina settings: ${index + 1} of ${all.length}`);
    await context.untilQuiet();
    heat.push({ settings, perSecond: await measureOnce(settings, load) });
  }
  const best = heat.toSorted((a, b) => b.perSecond - a.perSecond).slice(0, finalists);
  const final = await runFinal(context, best, load);
  return final.toSorted((a, b) => b.perSecond - a.perSecond);
}

async function runFinal(context: Context, best: readonly Tried[], load: ClosedLoad): Promise<Tried[]> {
  const entrants = best.map(({ settings }, index) => ({
    settings,
    variant: { ...piscinaTuned('uws', settings), name: `finalist-${index + 1}` },
  }));
  const rounds = await interleave(
    { ...context, effort: { ...context.effort, rounds: finalRounds }, select: (variants) => variants },
    {
      scenario: 'piscina settings, final',
      variants: entrants.map(({ variant }) => variant),
      warmUp: (server) => load.generator({ ...load, port: server.port, seconds: 1 }),
      measure: async (server) => rightPerSecond(await measureThroughput(server, load, 1)),
    },
  );
  return entrants.map(({ settings, variant }) => ({
    settings,
    perSecond: median(rounds.get(variant.name) ?? []),
  }));
}

/** Settings under which answers go wrong or missing are no candidate. */
function rightPerSecond({ perSecond, faults }: Throughput): number {
  return Object.keys(faults).length > 0 ? 0 : perSecond;
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

async function measureOnce(settings: PoolSettings, load: ClosedLoad): Promise<number> {
  const server = await Server.start(piscinaTuned('uws', settings));
  try {
    await load.generator({ ...load, port: server.port, seconds: 1 });
    return rightPerSecond(await measureThroughput(server, load, 1));
  } finally {
    await server.stop();
  }
}
