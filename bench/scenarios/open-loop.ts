/** Latency at a fixed rate well below the limit: what a caller sees on a normal day. */
import { echoCall } from '../load/call.ts';
import { fastest } from '../load/generators.ts';
import type { OpenLoopOrder } from '../load/open-loop.ts';
import { type Latency, measureLatency } from '../measure/latency.ts';
import { atMost } from '../report/figure.ts';
import { hotlane, inline, piscinaTuned } from '../variants/all.ts';
import { interleave, ratios } from './interleave.ts';
import { latencyResult } from './latency-result.ts';
import { knownGood } from './piscina-search.ts';
import type { Scenario } from './scenario.ts';

const connections = 256;
const p99 = (sample: Latency) => sample.p99Ms;

export const openLoop: Scenario = {
  name: 'open-loop',
  summary: 'latency of an empty plugin at 8 000 requests a second, Poisson arrivals, 256 connections',
  run: async (context) => {
    const variants = [inline, hotlane(1), hotlane(2), piscinaTuned('uws', knownGood)];
    const judged = hotlane(2).name;
    const rounds = await interleave<Latency>(context, {
      scenario: 'open-loop',
      variants,
      warmUp: (server) =>
        fastest({ port: server.port, call: echoCall, connections, seconds: context.effort.warmupSeconds }),
      measure: (server, round) => measureLatency(server, order(context.effort.openLoopSeconds, round)),
    });
    return {
      ...latencyResult(variants, rounds),
      figures: [
        {
          name: 'open loop 8 000/s, 256 connections, echo, 2 workers: P99',
          unit: 'ms',
          bound: atMost(2, 0.7),
          values: (rounds.get(judged) ?? []).map(p99),
        },
        {
          name: 'same: P99 / uWS inline',
          unit: 'x',
          bound: atMost(5, 2),
          values: ratios(rounds, judged, inline.name, p99),
        },
      ],
    };
  },
};

/** One plan per round, the same for every variant. */
function order(seconds: number, round: number): Omit<OpenLoopOrder, 'port'> {
  return {
    call: echoCall,
    connections,
    arrivals: 'poisson',
    ratePerSecond: 8000,
    warmupMs: 1000,
    measureMs: seconds * 1000,
    seed: round,
  };
}
