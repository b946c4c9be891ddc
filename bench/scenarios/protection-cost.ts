/** What all protection together costs when nothing goes wrong. */
import { echoCall } from '../load/call.ts';
import { fastest } from '../load/generators.ts';
import { measureThroughput, type Throughput } from '../measure/throughput.ts';
import { atLeast } from '../report/figure.ts';
import type { Server } from '../variants/server.ts';
import type { Variant } from '../variants/variant.ts';
import { type Rounds, ratios } from './interleave.ts';
import type { OverloadEffort, OverloadScenario } from './overload-scenario.ts';
import { variantOf, withServer } from './overload-server.ts';
import type { RunContext } from './scenario.ts';
import { throughputResult } from './throughput-result.ts';

const workers = 1;
const load = { call: echoCall, connections: 64, generator: fastest };

const off = ['--no-breaker', '--no-fair-share', '--start-budget-ms', '0', '--no-phases'];
const servers = {
  protected: { plugins: [], workers },
  without: { plugins: [], workers, args: off },
};
const variants: readonly Variant[] = [
  { ...variantOf(servers.protected), name: 'protected' },
  { ...variantOf(servers.without), name: 'without' },
];

export const protectionCost: OverloadScenario = {
  name: 'cost',
  summary:
    'throughput of an empty plugin with breakers, fair shares, refusals by expected wait and phases / without',
  run: async (context) => {
    const rounds = await withServer(servers.protected, (shielded) =>
      withServer(servers.without, (bare) => measureInTurns(context, { protected: shielded, without: bare })),
    );
    return {
      ...throughputResult(variants, rounds),
      figures: [
        {
          name: 'echo, 64 connections: requests/s with all protection / without',
          unit: 'x',
          bound: atLeast(0.95, 0.98),
          values: ratios(rounds, 'protected', 'without', ({ perSecond }) => perSecond),
        },
      ],
    };
  },
};

async function measureInTurns(
  { effort, progress, untilQuiet }: RunContext<OverloadEffort>,
  running: Readonly<Record<string, Server>>,
): Promise<Rounds<Throughput>> {
  const rounds = new Map<string, Throughput[]>();
  for (const server of Object.values(running)) await measureThroughput(server, load, effort.seconds);
  for (let round = 1; round <= effort.rounds; round += 1) {
    for (const [name, server] of Object.entries(running)) {
      progress(`cost: round ${round} of ${effort.rounds}, ${name}`);
      await untilQuiet();
      const samples = rounds.get(name) ?? [];
      rounds.set(name, [...samples, await measureThroughput(server, load, effort.seconds)]);
    }
  }
  return rounds;
}
