/** The cost of the host itself: a plugin that does nothing, as many requests as the server takes. */
import { echoCall } from '../load/call.ts';
import { fastest } from '../load/generators.ts';
import { type ClosedLoad, measureThroughput, type Throughput } from '../measure/throughput.ts';
import { atLeast, atMost } from '../report/figure.ts';
import { hotlane, inline, piscinaDefaults, piscinaTuned } from '../variants/all.ts';
import { settingsText } from '../variants/servers/pool-settings.ts';
import { bestWorkerCount } from './best-worker-count.ts';
import { interleave, ratios } from './interleave.ts';
import { knownGood, searchPiscina, type Tried } from './piscina-search.ts';
import type { Context, Scenario } from './scenario.ts';
import { throughputResult } from './throughput-result.ts';

const load: ClosedLoad = { call: echoCall, connections: 64, generator: fastest };
const perSecond = (sample: Throughput) => sample.perSecond;
const cpuMicros = (sample: Throughput) => sample.cpuMicrosPerRequest;

export const echo: Scenario = {
  name: 'echo',
  summary: 'throughput and CPU per request of an empty plugin, 64 connections, against every baseline',
  run: async (context) => {
    const tried = await bestPiscina(context);
    const settings = tried[0]?.settings ?? knownGood;
    const uwsDefaults = piscinaDefaults('uws');
    const uwsBest = piscinaTuned('uws', settings);
    const fastify = piscinaTuned('fastify', settings);
    const http = piscinaTuned('http', settings);
    const variants = [inline, hotlane(1), hotlane(2), uwsBest, uwsDefaults, fastify, http];
    const rounds = await interleave<Throughput>(context, {
      scenario: 'echo',
      variants,
      warmUp: (server) =>
        load.generator({ ...load, port: server.port, seconds: context.effort.warmupSeconds }),
      measure: (server) => measureThroughput(server, load, context.effort.seconds),
    });

    const best = bestWorkerCount(rounds);
    const against = (variant: string, value = perSecond) => ratios(rounds, best, variant, value);
    const result = throughputResult(variants, rounds);
    return {
      ...result,
      figures: [
        {
          name: `echo, 64 connections, best worker count (${best}): throughput / uWS inline`,
          unit: 'x',
          bound: atLeast(0.85, 1),
          values: against(inline.name),
        },
        {
          name: 'same with 2 workers',
          unit: 'x',
          bound: atLeast(0.75, 0.95),
          values: ratios(rounds, hotlane(2).name, inline.name, perSecond),
        },
        {
          name: `same, ${best} / best uWS + Piscina run setting`,
          unit: 'x',
          bound: atLeast(2, 2.5),
          values: against(uwsBest.name),
        },
        {
          name: `same, ${best} / Fastify + Piscina`,
          unit: 'x',
          bound: atLeast(4, 5),
          values: against(fastify.name),
        },
        {
          name: `CPU per request of the whole server, ${best} / uWS inline`,
          unit: 'x',
          bound: atMost(1.6, 1.25),
          values: against(inline.name, cpuMicros),
        },
      ],
      notes: [...searchNotes(tried), ...result.notes],
      samples: { rounds: result.samples, piscinaSearch: tried },
    };
  },
};

async function bestPiscina(context: Context): Promise<readonly Tried[]> {
  const wanted = context.select([piscinaTuned('uws', knownGood)]).length > 0;
  return wanted && context.effort.searchPiscina ? searchPiscina(context, load) : [];
}

function searchNotes(tried: readonly Tried[]): string[] {
  if (tried.length === 0) return ['Piscina settings: not searched, those of an earlier search were taken'];
  const ranking = tried.map(
    ({ settings, perSecond: rate }) => `${Math.round(rate)}/s with ${settingsText(settings)}`,
  );
  return [`Piscina settings, best of all tried: ${ranking.join('; ')}`];
}
