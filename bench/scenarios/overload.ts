/** Three times as many calls as the server can do: does it go on doing what it can, and refuse the rest at once? */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../load/call.ts';
import { modest } from '../load/generators.ts';
import { runGenerator } from '../load/node-generator.ts';
import type { Phase, StreamsOrder, StreamsReport } from '../load/streams.ts';
import { atLeast, atMost, type Figure } from '../report/figure.ts';
import type { Server } from '../variants/server.ts';
import { computeCall, countedPlugin, firstSerial, waitCall } from './overload-counted.ts';
import type { OverloadEffort, OverloadScenario } from './overload-scenario.ts';
import { type Hosting, variantOf, withServer } from './overload-server.ts';
import {
  type Execution,
  judgeOverload,
  type OverloadPhases,
  type OverloadVerdict,
} from './overload-verdict.ts';
import type { RunContext, ScenarioResult } from './scenario.ts';
import { sumFaults } from './throughput-result.ts';

/** Of the maximum. */
const [calmShare, overloadShare] = [0.3, 3];
/** The calm before and after; the first second of each is left out. */
const calmMs = 3000;
const connections = 16;
/** What a caller may wait for the start of an accepted call: a tenth of the default deadline of 10 s. */
const startBudgetMs = 1000;
/** After the load: time to collect garbage and close connections. */
const restMs = 1500;
/** A sender that is later than this shows in the latencies. */
const lateMs = 3;
const stream = 'calls';
const mebibyte = 2 ** 20;

interface Kind {
  readonly name: string;
  readonly what: string;
  readonly call: Call;
  readonly hosting: Hosting;
  readonly executions: () => readonly Execution[];
}

interface OverloadSample extends OverloadVerdict {
  /** Calls per second in a closed loop just before. */
  readonly maximum: number;
  /** How late the sender was by its own fault. */
  readonly behindP99Ms: number;
  readonly growthMB: number;
}

export const overload: OverloadScenario = {
  name: 'overload',
  summary: `${overloadShare} times the calls that two workers can do: goodput, refusals, recovery`,
  run: async (context) => {
    // 5 ms: some hundreds of calls a second keep both workers busy, and the front has next to nothing to do.
    const kinds = [
      kindOf('computing', '5 ms of computing', computeCall(5), []),
      kindOf('waiting', '20 ms of waiting', waitCall(20), ['--concurrency', '4']),
    ];
    const results: ScenarioResult[] = [];
    for (const kind of kinds) results.push(resultOf(kind, await measureKind(context, kind)));
    return {
      figures: results.flatMap(({ figures }) => figures),
      details: results.flatMap(({ details }) => details),
      notes: results.flatMap(({ notes }) => notes),
      faults: Object.assign({}, ...results.map(({ faults }) => faults)),
      samples: results.map(({ samples }) => samples),
    };
  },
};

function kindOf(name: string, what: string, call: Call, args: readonly string[]): Kind {
  const { hosting, executions } = countedPlugin();
  return { name, what, call, executions, hosting: { ...hosting, workers: 2, args } };
}

async function measureKind(
  { effort, progress, untilQuiet }: RunContext<OverloadEffort>,
  { name, call, hosting, executions }: Kind,
): Promise<readonly OverloadSample[]> {
  return withServer(hosting, async (server) => {
    const samples: OverloadSample[] = [];
    await modest({ port: server.port, call, connections, seconds: 1 });
    for (let round = 1; round <= effort.rounds; round += 1) {
      await untilQuiet();
      progress(`overload: ${name}, round ${round} of ${effort.rounds}`);
      const closed = await modest({ port: server.port, call, connections, seconds: effort.seconds });
      const maximum = closed.requests / closed.seconds;
      const rssBefore = await residentMB(server);
      const { order, phases } = plan(server.port, call, maximum, effort.overloadSeconds, round);
      const report = await runGenerator<StreamsReport>(
        'stream-sender-process.ts',
        order,
        phases.endAt / 1000,
      );
      await sleep(restMs);
      const verdict = judgeOverload(report.calls[stream] ?? [], executions(), phases);
      samples.push({
        ...verdict,
        faults: sumFaults([verdict, closed]),
        maximum,
        behindP99Ms: report.behindP99Ms,
        growthMB: (await residentMB(server)) - rssBefore,
      });
    }
    return samples;
  });
}

async function residentMB(server: Server): Promise<number> {
  return (await server.usage()).residentBytes / mebibyte;
}

function plan(
  port: number,
  call: Call,
  maximum: number,
  overloadSeconds: number,
  round: number,
): { readonly order: StreamsOrder; readonly phases: OverloadPhases } {
  // The same arrivals before and after: what differs then is what the overload has left.
  const calm: Phase = { ratePerSecond: maximum * calmShare, ms: calmMs, seed: round };
  const flood: Phase = { ratePerSecond: maximum * overloadShare, ms: overloadSeconds * 1000, seed: round };
  const recoveryAt = calm.ms + flood.ms;
  return {
    order: {
      port,
      streams: [{ name: stream, call, arrivals: 'poisson', phases: [calm, flood, calm] }],
      firstSerial: firstSerial * round,
      exact: false,
      goesFirst: true,
      graceMs: 3000,
    },
    phases: { calmAt: 0, overloadAt: calm.ms, recoveryAt, endAt: recoveryAt + calm.ms },
  };
}

function resultOf({ name, what, hosting }: Kind, samples: readonly OverloadSample[]): ScenarioResult {
  const values = (value: (sample: OverloadSample) => number) => samples.map(value);
  const figure = (
    text: string,
    unit: Figure['unit'],
    bound: Figure['bound'],
    value: (sample: OverloadSample) => number,
  ): Figure => ({ name: `${what}: ${text}`, unit, bound, values: values(value) });
  const late = samples.filter(({ behindP99Ms }) => behindP99Ms > lateMs).length;
  return {
    figures: [
      figure(
        `right answers at ${overloadShare} × load / maximum`,
        'x',
        atLeast(0.9, 0.97),
        ({ goodput, maximum }) => goodput / maximum,
      ),
      figure(
        'P99 of accepted calls',
        'ms',
        atMost(startBudgetMs, startBudgetMs / 2),
        (sample) => sample.acceptedP99Ms,
      ),
      figure('P99 of refusals', 'ms', atMost(5, 2), (sample) => sample.refusedP99Ms),
      figure(
        'P99 a second after the load has fallen / P99 before',
        'x',
        atMost(1.5, 1.1),
        ({ recoveredP99Ms, calmP99Ms }) => recoveredP99Ms / calmP99Ms,
      ),
      figure('growth of RSS', 'MB', atMost(40, 10), ({ growthMB }) => growthMB),
    ],
    details: [
      {
        variant: name,
        title: `${what}; ${variantOf(hosting).title}`,
        columns: {
          'maximum/s': values(({ maximum }) => maximum),
          'right answers/s': values(({ goodput }) => goodput),
          'refused, share': values(({ refusedShare }) => refusedShare),
          'refusals with stalls, P99 ms': values(({ refusedP99WithStallsMs }) => refusedP99WithStallsMs),
          'calm P99 ms': values(({ calmP99Ms }) => calmP99Ms),
          'a second after, P99 ms': values(({ recoveredP99Ms }) => recoveredP99Ms),
          'sender behind, P99 ms': values(({ behindP99Ms }) => behindP99Ms),
        },
      },
    ],
    notes:
      late === 0
        ? []
        : [
            `${name}: the sender was over ${lateMs} ms late more than once in a hundred in ${late} of ${samples.length} rounds`,
          ],
    faults: { [name]: sumFaults(samples) },
    samples,
  };
}
