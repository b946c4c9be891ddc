/** One setting, several values, the same calls at the same rate: latency, collections of garbage, memory. */
import type { Call } from '../load/call.ts';
import { boundOf, type MetricSample, metricsOf, sumOf } from '../load/server-metrics.ts';
import { type Latency, measureLatency } from '../measure/latency.ts';
import { median } from '../report/spread.ts';
import type { Server } from '../variants/server.ts';
import { countedPlugin } from './overload-counted.ts';
import { withServer } from './overload-server.ts';
import type { RunContext, ScenarioResult } from './scenario.ts';
import { sumFaults } from './throughput-result.ts';
import { adviceFor } from './tuning-advice.ts';
import type { TuningChoice, TuningEffort, TuningGroup } from './tuning-scenario.ts';

const connections = 128;
const warmupMs = 1500;
const mebibyte = 2 ** 20;
const pauses = 'hotlane_gc_pause_seconds';

interface TunedSample extends Latency {
  /** Of the workers, over the whole life of the server. */
  readonly collections: number;
  readonly collectingMs: number;
  /** 99 of 100 pauses were not longer. */
  readonly pauseP99Ms: number;
  readonly residentMB: number;
}

/** Servers run one at a time, each for one measurement, so that none holds memory while another is measured. */
export async function tune(
  { effort, progress, untilQuiet }: RunContext<TuningEffort>,
  group: TuningGroup,
): Promise<ScenarioResult> {
  const call = group.call();
  const samples = group.choices.map((): TunedSample[] => []);
  for (let round = 1; round <= effort.rounds; round += 1) {
    for (const [index, choice] of group.choices.entries()) {
      progress(`${group.name}: round ${round} of ${effort.rounds}, ${choice.title}`);
      await untilQuiet();
      samples[index]?.push(await measure(group, choice, call, effort.seconds, round));
    }
  }
  return resultOf(group, samples);
}

function measure(
  group: TuningGroup,
  { workers, args }: TuningChoice,
  call: Call,
  seconds: number,
  seed: number,
): Promise<TunedSample> {
  const { pluginSettings = {} } = countedPlugin().hosting;
  return withServer({ plugins: [group.plugin], workers, args, pluginSettings }, async (server) => {
    const latency = await measureLatency(server, {
      call,
      connections,
      arrivals: 'poisson',
      ratePerSecond: group.ratePerSecond,
      warmupMs,
      measureMs: seconds * 1000,
      seed,
    });
    return { ...latency, ...(await heldBy(server)) };
  });
}

async function heldBy(server: Server) {
  const ofWorkers = (await metricsOf(server.adminPort)).filter(isOfWorker);
  return {
    collections: sumOf(ofWorkers, `${pauses}_count`) ?? 0,
    collectingMs: (sumOf(ofWorkers, `${pauses}_sum`) ?? 0) * 1000,
    pauseP99Ms: (boundOf(ofWorkers, pauses, 0.99) ?? Number.NaN) * 1000,
    residentMB: (await server.usage()).residentBytes / mebibyte,
  };
}

function isOfWorker({ labels }: MetricSample): boolean {
  return labels.thread?.startsWith('worker-') === true;
}

function resultOf(group: TuningGroup, samples: readonly (readonly TunedSample[])[]): ScenarioResult {
  const rows = group.choices.map(({ title }, index) => ({ title, own: samples[index] ?? [] }));
  const advice = adviceFor(
    rows.map(({ title, own }) => ({
      title,
      p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
      residentMB: median(own.map(({ residentMB }) => residentMB)),
      behindP99Ms: median(own.map(({ behindP99Ms }) => behindP99Ms)),
    })),
  );
  return {
    figures: [],
    details: rows.map(({ title, own }) => ({
      variant: title,
      title,
      columns: {
        'P50 ms': own.map(({ p50Ms }) => p50Ms),
        'P99 ms': own.map(({ p99Ms }) => p99Ms),
        collections: own.map(({ collections }) => collections),
        'collecting, ms': own.map(({ collectingMs }) => collectingMs),
        'pause P99, at most ms': own.map(({ pauseP99Ms }) => pauseP99Ms),
        'sender behind, P99 ms': own.map(({ behindP99Ms }) => behindP99Ms),
        'RSS, MB': own.map(({ residentMB }) => residentMB),
      },
    })),
    notes: [`${group.summary}; ${group.ratePerSecond} calls a second`, ...advice],
    faults: Object.fromEntries(rows.map(({ title, own }) => [title, sumFaults(own)])),
    samples: Object.fromEntries(rows.map(({ title, own }) => [title, own])),
  };
}
