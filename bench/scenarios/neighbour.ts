/** One plugin is flooded or hangs. Do calls of other plugins notice? */
import { type Call, cpuCall, echoCall, ioCall } from '../load/call.ts';
import { modest } from '../load/generators.ts';
import { runGenerator } from '../load/node-generator.ts';
import type { Stream, StreamsOrder, StreamsReport } from '../load/streams.ts';
import { stepsPerMillisecond } from '../measure/calibrate.ts';
import { burn } from '../plugins/cpu/index.ts';
import { atMost } from '../report/figure.ts';
import type { Server } from '../variants/server.ts';
import { judgeNeighbour, type NeighbourVerdict } from './neighbour-verdict.ts';
import type { OverloadScenario } from './overload-scenario.ts';
import { withServer } from './overload-server.ts';
import { tally } from './overload-verdict.ts';
import type { Detail, ScenarioResult } from './scenario.ts';
import { sumFaults } from './throughput-result.ts';

const neighbourRate = 200;
const hangRate = 50;
/** Of what the plugin can do. */
const floodFactor = 10;
const computingMs = 5;
const warmupMs = 1500;

/** What is done to the other plugin. */
interface Trouble {
  readonly name: string;
  readonly title: string;
  readonly call: Call;
  /** Calls per second. */
  rate(server: Server): Promise<number>;
}

/** The neighbours, and whether their latency has a bound. */
const neighbours = [
  { name: 'io', title: 'io 5 ms', call: ioCall, isBound: true },
  { name: 'echo', title: 'echo', call: echoCall, isBound: false },
];

interface NeighbourSample {
  readonly rate: number;
  readonly verdicts: Readonly<Record<string, NeighbourVerdict>>;
  /** What became of the troubled plugin's calls, by status and code. */
  readonly troubled: Readonly<Record<string, number>>;
  readonly behindP99Ms: number;
}

export const neighbour: OverloadScenario = {
  name: 'neighbour',
  summary: `latency of other plugins while one is flooded (${floodFactor} times what it can do), hangs, or loops for ever`,
  run: async ({ effort, progress, untilQuiet }) => {
    const steps = stepsPerMillisecond() * computingMs;
    const troubles = troublesWith(cpuCall(steps, burn(steps)));
    const samples = new Map<string, NeighbourSample[]>(troubles.map(({ name }) => [name, []]));
    for (let round = 1; round <= effort.rounds; round += 1) {
      for (const trouble of troubles) {
        progress(`neighbour: round ${round} of ${effort.rounds}, calm, then ${trouble.title}`);
        await untilQuiet();
        // A server of its own: what the trouble leaves, such as an open circuit, must not help the next round.
        const sample = await withServer({ plugins: ['io', 'cpu', 'hang'], workers: 2 }, (server) =>
          measure(server, trouble, effort.neighbourSeconds * 1000, round),
        );
        samples.get(trouble.name)?.push(sample);
      }
    }
    return resultOf(troubles, samples);
  },
};

function hang(tool: string): Call {
  return { path: `/execute/hang/${tool}`, parameters: {}, answer: 'text' };
}

function troublesWith(computing: Call): readonly Trouble[] {
  return [
    {
      name: 'flood',
      title: `a flood of ${computingMs} ms computing calls, ${floodFactor} × what it can do`,
      call: computing,
      rate: async ({ port }) => {
        const { requests, seconds } = await modest({ port, call: computing, connections: 16, seconds: 1 });
        return (floodFactor * requests) / seconds;
      },
    },
    {
      name: 'hang',
      title: `${hangRate} calls a second that never settle`,
      call: hang('never'),
      rate: async () => hangRate,
    },
    {
      name: 'loop',
      title: `${hangRate} calls a second that loop for ever`,
      call: hang('loop'),
      rate: async () => hangRate,
    },
  ];
}

async function measure(server: Server, trouble: Trouble, ms: number, seed: number): Promise<NeighbourSample> {
  const rate = await trouble.rate(server);
  // The same arrivals in calm and in trouble.
  const phase = { ratePerSecond: neighbourRate, ms, seed };
  const streams = neighbours.map(({ name, call }, index): Stream => {
    const own = { ...phase, seed: seed * 10 + index };
    return { name, call, arrivals: 'poisson', phases: [{ ...own, ms: warmupMs }, own, own] };
  });
  const calm = send({ port: server.port, streams, exact: true, goesFirst: true }, warmupMs + 2 * ms);
  const troubled = send(
    {
      port: server.port,
      streams: [
        {
          name: 'troubled',
          call: trouble.call,
          arrivals: 'poisson',
          phases: [
            { ratePerSecond: 0, ms: warmupMs + ms, seed },
            { ratePerSecond: rate, ms, seed },
          ],
        },
      ],
      exact: false,
      goesFirst: false,
    },
    warmupMs + 2 * ms,
  );
  const [report, other] = await Promise.all([calm, troubled]);
  const phases = { calmAt: warmupMs, troubleAt: warmupMs + ms, endAt: warmupMs + 2 * ms };
  const verdicts = neighbours.map(({ name }) => [name, judgeNeighbour(report.calls[name] ?? [], phases)]);
  return {
    rate,
    verdicts: Object.fromEntries(verdicts),
    troubled: tally((other.calls.troubled ?? []).map(({ status, code }) => `${status} ${code ?? ''}`.trim())),
    behindP99Ms: report.behindP99Ms,
  };
}

function send(order: Omit<StreamsOrder, 'firstSerial' | 'graceMs'>, ms: number): Promise<StreamsReport> {
  const whole: StreamsOrder = { ...order, firstSerial: 0, graceMs: 1000 };
  return runGenerator<StreamsReport>('stream-sender-process.ts', whole, ms / 1000);
}

function resultOf(
  troubles: readonly Trouble[],
  samples: ReadonlyMap<string, readonly NeighbourSample[]>,
): ScenarioResult {
  const rows = troubles.flatMap((trouble) =>
    neighbours.map((of) => {
      const own = samples.get(trouble.name) ?? [];
      const verdicts = own.flatMap(({ verdicts: all }) => all[of.name] ?? []);
      return { trouble, of, verdicts };
    }),
  );
  return {
    figures: [
      ...rows
        .filter(({ of }) => of.isBound)
        .map(({ trouble, of, verdicts }) => ({
          name: `${of.title} beside ${trouble.title}: P99 / calm`,
          unit: 'x' as const,
          bound: atMost(1.5, 1.1),
          values: verdicts.map(({ calmP99Ms, troubledP99Ms }) => troubledP99Ms / calmP99Ms),
        })),
      {
        name: 'calls lost for the neighbours, each round',
        unit: '',
        bound: atMost(0, 0),
        values: sumOfRounds(rows.map(({ verdicts }) => verdicts.map(({ lostCalls }) => lostCalls))),
      },
    ],
    details: rows.map(
      ({ trouble, of, verdicts }): Detail => ({
        variant: `${trouble.name}-${of.name}`,
        title: `${of.title} beside ${trouble.name}`,
        columns: {
          'calm P50 ms': verdicts.map(({ calmP50Ms }) => calmP50Ms),
          'P50 ms': verdicts.map(({ troubledP50Ms }) => troubledP50Ms),
          'calm P99 ms': verdicts.map(({ calmP99Ms }) => calmP99Ms),
          'P99 ms': verdicts.map(({ troubledP99Ms }) => troubledP99Ms),
          lost: verdicts.map(({ lostCalls }) => lostCalls),
          'left out, share': verdicts.map(({ stalledShare }) => stalledShare),
          'sender behind, P99 ms': (samples.get(trouble.name) ?? []).map(({ behindP99Ms }) => behindP99Ms),
        },
      }),
    ),
    notes: troubles.map(({ name, title }) => `${name}: ${title}; ${answersOf(samples.get(name) ?? [])}`),
    faults: Object.fromEntries(
      rows.map(({ trouble, of, verdicts }) => [
        `${of.name} beside ${trouble.name}`,
        sumFaults(verdicts.map(({ lost }) => ({ faults: lost }))),
      ]),
    ),
    samples: Object.fromEntries(samples),
  };
}

/** Adds up lists of equal length place by place. */
function sumOfRounds(lists: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = lists;
  return first.map((_, round) => lists.reduce((sum, list) => sum + (list[round] ?? 0), 0));
}

function answersOf(samples: readonly NeighbourSample[]): string {
  const sums = sumFaults(samples.map(({ troubled }) => ({ faults: troubled })));
  return `its own answers: ${Object.entries(sums)
    .map(([answer, count]) => `${count} × ${answer === '0' ? 'none yet' : answer}`)
    .join(', ')}`;
}
