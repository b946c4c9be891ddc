/** What it costs to be called as Coze calls: flat arguments at a path of their own, beside the envelope. */
import { echoCall, nativeEchoCall } from '../load/call.ts';
import { fastest } from '../load/generators.ts';
import { measureThroughput, type Throughput } from '../measure/throughput.ts';
import { atLeast } from '../report/figure.ts';
import { hotlane } from '../variants/all.ts';
import { Server } from '../variants/server.ts';
import { type Rounds, ratios } from './interleave.ts';
import type { Context, Scenario } from './scenario.ts';
import { throughputResult } from './throughput-result.ts';

const server = hotlane(1);
const ENVELOPE = { ...server, name: 'envelope', title: 'POST /execute/echo/echo' };
const NATIVE = { ...server, name: 'native', title: 'POST /p/echo/echo' };
const loads = { [ENVELOPE.name]: echoCall, [NATIVE.name]: nativeEchoCall };

export const native: Scenario = {
  name: 'native',
  summary: 'the same tool called by its envelope and as Coze calls it, one server, 64 connections',
  run: async (context) => {
    const rounds =
      context.select([server]).length > 0 ? await measureInTurns(context) : new Map<string, Throughput[]>();
    return {
      ...throughputResult([ENVELOPE, NATIVE], rounds),
      figures: [
        {
          name: 'echo as Coze calls it / by its envelope, 64 connections',
          unit: 'x',
          bound: atLeast(0.95, 1),
          values: ratios(rounds, NATIVE.name, ENVELOPE.name, ({ perSecond }) => perSecond),
        },
      ],
    };
  },
};

/** One server for both, so that nothing but the contract differs. */
async function measureInTurns({ effort, progress, untilQuiet }: Context): Promise<Rounds<Throughput>> {
  const rounds = new Map<string, Throughput[]>();
  const running = await Server.start(server);
  const measure = (name: string, seconds: number): Promise<Throughput> =>
    measureThroughput(
      running,
      { call: loads[name] ?? echoCall, connections: 64, generator: fastest },
      seconds,
    );
  try {
    for (const name of Object.keys(loads)) await measure(name, effort.warmupSeconds);
    for (let round = 1; round <= effort.rounds; round += 1) {
      for (const name of Object.keys(loads)) {
        progress(`native: round ${round} of ${effort.rounds}, ${name}`);
        await untilQuiet();
        rounds.set(name, [...(rounds.get(name) ?? []), await measure(name, effort.seconds)]);
      }
    }
  } finally {
    await running.stop();
  }
  return rounds;
}
