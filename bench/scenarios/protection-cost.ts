/** What all protection together costs when nothing goes wrong. */
import { echoCall } from '../load/call.ts';
import { fastest } from '../load/generators.ts';
import { measureThroughput } from '../measure/throughput.ts';
import { atLeast } from '../report/figure.ts';
import type { Variant } from '../variants/variant.ts';
import { interleave, ratios } from './interleave.ts';
import type { OverloadScenario } from './overload-scenario.ts';
import { variantOf } from './overload-server.ts';
import { throughputResult } from './throughput-result.ts';

const workers = 1;
const load = { call: echoCall, connections: 64, generator: fastest };

const off = ['--no-breaker', '--no-fair-share', '--start-budget-ms', '0', '--no-phases'];
const without: Variant = { ...variantOf({ plugins: [], workers, args: off }), name: 'without' };
const protectedServer: Variant = { ...variantOf({ plugins: [], workers }), name: 'protected' };

export const protectionCost: OverloadScenario = {
  name: 'cost',
  summary:
    'throughput of an empty plugin with breakers, fair shares, refusals by expected wait and phases / without',
  run: async (context) => {
    const variants = [protectedServer, without];
    const rounds = await interleave(
      { ...context, select: (all) => all },
      {
        scenario: 'cost',
        variants,
        warmUp: (server) => measureThroughput(server, load, context.effort.seconds),
        measure: (server) => measureThroughput(server, load, context.effort.seconds),
      },
    );
    return {
      ...throughputResult(variants, rounds),
      figures: [
        {
          name: 'echo, 64 connections: requests/s with all protection / without',
          unit: 'x',
          bound: atLeast(0.95, 0.98),
          values: ratios(rounds, protectedServer.name, without.name, ({ perSecond }) => perSecond),
        },
      ],
    };
  },
};
