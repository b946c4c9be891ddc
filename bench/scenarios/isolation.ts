/** One caller keeps a worker busy with long computing; do the others notice? */
import { type Call, cpuCall, echoCall } from '../load/call.ts';
import { startCaller } from '../load/caller.ts';
import { fastest } from '../load/generators.ts';
import { singleRequest } from '../load/single-request.ts';
import { stepsPerMillisecond } from '../measure/calibrate.ts';
import { type Latency, measureLatency } from '../measure/latency.ts';
import { burn } from '../plugins/cpu/index.ts';
import { atMost } from '../report/figure.ts';
import { hotlane, inline } from '../variants/all.ts';
import type { Server } from '../variants/server.ts';
import { interleave, type Rounds } from './interleave.ts';
import { latencyResult } from './latency-result.ts';
import type { Scenario, ScenarioResult } from './scenario.ts';

/** Length of one computing call. */
const hogMs = 100;
/** Enough for a server that answers nothing during a computing call to catch up after it. */
const connections = 256;
const timeoutMs = 10_000;

/** A sample with the computing calls that were answered meanwhile. */
interface HoggedLatency extends Latency {
  readonly hogCalls: number;
  readonly hogMeanMs: number;
}

export const isolation: Scenario = {
  name: 'isolation',
  summary:
    'latency of an empty plugin at 1 000 requests a second while 100 ms computing calls follow each other',
  run: async (context) => {
    const steps = stepsPerMillisecond() * hogMs;
    const hog = cpuCall(steps, burn(steps));
    const variants = [inline, hotlane(2)];
    const rounds = await interleave<HoggedLatency>(context, {
      scenario: 'isolation',
      variants,
      warmUp: async ({ port }) => {
        await fastest({ port, call: echoCall, connections, seconds: context.effort.warmupSeconds });
        await singleRequest(port, hog, 0, timeoutMs);
      },
      measure: (server, round) => measureHogged(server, hog, context.effort.openLoopSeconds, round),
    });
    const result = latencyResult(variants, rounds);
    return {
      ...result,
      details: withHogColumns(result, rounds),
      figures: [
        {
          name: 'echo at 1 000/s, 100 ms computing calls on one of 2 workers: P99',
          unit: 'ms',
          bound: atMost(10, 3),
          values: (rounds.get(hotlane(2).name) ?? []).map((sample) => sample.p99Ms),
        },
      ],
    };
  },
};

async function measureHogged(
  server: Server,
  hog: Call,
  seconds: number,
  seed: number,
): Promise<HoggedLatency> {
  const startedAt = performance.now();
  const stopHog = startCaller('computing call', server.port, hog, 0);
  const latency = await measureLatency(server, {
    call: echoCall,
    connections,
    arrivals: 'poisson',
    ratePerSecond: 1000,
    warmupMs: 1000,
    measureMs: seconds * 1000,
    seed,
  });
  const { requests: calls, faults } = await stopHog();
  const elapsed = performance.now() - startedAt;
  return {
    ...latency,
    faults: { ...latency.faults, ...faults },
    hogCalls: calls,
    hogMeanMs: elapsed / calls,
  };
}

function withHogColumns(
  result: Omit<ScenarioResult, 'figures'>,
  rounds: Rounds<HoggedLatency>,
): ScenarioResult['details'] {
  return result.details.map((detail) => ({
    ...detail,
    columns: {
      ...detail.columns,
      'computing calls': (rounds.get(detail.variant) ?? []).map((sample) => sample.hogCalls),
      'each, ms': (rounds.get(detail.variant) ?? []).map((sample) => sample.hogMeanMs),
    },
  }));
}
