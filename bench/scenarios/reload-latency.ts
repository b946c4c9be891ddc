/** What a caller notices of rolls: latency at a fixed rate, with and without them by turns. */
import { echoCall } from '../load/call.ts';
import type { OpenLoopOrder } from '../load/open-loop.ts';
import { type Latency, measureLatency } from '../measure/latency.ts';
import { atMost } from '../report/figure.ts';
import { median } from '../report/spread.ts';
import { latencyResult } from './latency-result.ts';
import type { ReloadScenario } from './reload-scenario.ts';
import { ReloadServer } from './reload-server.ts';

const ratePerSecond = 4000;
const connections = 256;
const warmupMs = 1000;

interface RolledLatency extends Latency {
  readonly rolls: number;
}

export const reloadLatency: ReloadScenario = {
  name: 'latency',
  summary: `latency of an empty plugin at ${ratePerSecond} requests a second while rolls follow each other`,
  run: async ({ effort, progress, untilQuiet }) => {
    const [still, rolling]: [Latency[], RolledLatency[]] = [[], []];
    const server = await ReloadServer.start();
    try {
      // A cold server and a cold disk cache are not what is to be measured.
      await measureLatency(server.server, order(1, 0));
      await server.roll();
      for (let round = 1; round <= effort.rounds; round += 1) {
        progress(`latency: round ${round} of ${effort.rounds}, without rolls`);
        await untilQuiet();
        still.push(await measureLatency(server.server, order(effort.seconds, round)));
        progress(`latency: round ${round} of ${effort.rounds}, with rolls`);
        await untilQuiet();
        rolling.push(await measureRolling(server, order(effort.seconds, round)));
      }
    } finally {
      await server.stop();
    }
    const variants = [
      { ...server.server.variant, name: 'still', title: 'no rolls' },
      { ...server.server.variant, name: 'rolling', title: 'rolls one after the other' },
    ];
    const result = latencyResult(
      variants,
      new Map([
        ['still', still],
        ['rolling', rolling],
      ]),
    );
    return {
      ...result,
      notes: [
        ...result.notes,
        `P99 without rolls in the same run: ${median(still.map(({ p99Ms }) => p99Ms)).toFixed(2)} ms`,
        `rolls per round: ${rolling.map(({ rolls }) => rolls).join(', ')}`,
      ],
      figures: [
        {
          name: `open loop ${ratePerSecond}/s, ${connections} connections, echo, while rolls follow each other: P99`,
          unit: 'ms',
          bound: atMost(6, 2.5),
          values: rolling.map(({ p99Ms }) => p99Ms),
        },
      ],
    };
  },
};

async function measureRolling(
  server: ReloadServer,
  load: Omit<OpenLoopOrder, 'port'>,
): Promise<RolledLatency> {
  const rolling = server.rollUntil(performance.now() + load.warmupMs + load.measureMs, 0);
  const latency = await measureLatency(server.server, load);
  return { ...latency, rolls: (await rolling).length };
}

/** The same plan without rolls and with them. */
function order(seconds: number, seed: number): Omit<OpenLoopOrder, 'port'> {
  return {
    call: echoCall,
    connections,
    arrivals: 'poisson',
    ratePerSecond,
    warmupMs,
    measureMs: seconds * 1000,
    seed,
    contentEvery: 1,
  };
}
