/** Calls that wait for someone else: many under way at once. */
import { ioCall } from '../load/call.ts';
import { fastest } from '../load/generators.ts';
import { type ClosedLoad, measureThroughput, type Throughput } from '../measure/throughput.ts';
import { atLeast } from '../report/figure.ts';
import { concurrency, hotlane, inline } from '../variants/all.ts';
import { bestWorkerCount } from './best-worker-count.ts';
import { interleave, ratios } from './interleave.ts';
import type { Scenario } from './scenario.ts';
import { throughputResult } from './throughput-result.ts';

const load: ClosedLoad = { call: ioCall, connections: 256, generator: fastest };

export const io: Scenario = {
  name: 'io',
  summary: 'throughput of a plugin that waits for 5 ms, 256 connections',
  run: async (context) => {
    const variants = [inline, hotlane(1), hotlane(2)];
    const rounds = await interleave<Throughput>(context, {
      scenario: 'io',
      variants,
      warmUp: (server) =>
        load.generator({ ...load, port: server.port, seconds: context.effort.warmupSeconds }),
      measure: (server) => measureThroughput(server, load, context.effort.seconds),
    });
    const best = bestWorkerCount(rounds);
    return {
      ...throughputResult(variants, rounds),
      figures: [
        {
          name: `io 5 ms, 256 connections, best worker count (${best}), --concurrency ${concurrency}: throughput / uWS inline`,
          unit: 'x',
          bound: atLeast(0.9, 1),
          values: ratios(rounds, best, inline.name, (sample) => sample.perSecond),
        },
      ],
    };
  },
};
