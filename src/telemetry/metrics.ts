/**
 * Everything counted, as Prometheus metrics. The only importer of prom-client.
 *
 * Nothing is recorded here: counts live in shared memory or with their owners, and are read when somebody
 * asks. So a scrape costs a scrape, and a request nothing.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { SeatIndex, ToolId } from '../core/brand.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { phaseReading } from '../dispatch/phase-reading.ts';
import { REPLACEMENT_BOUNDS } from '../pool/replacement-times.ts';
import type { WorkerPool } from '../pool/worker-pool.ts';
import type { PluginView } from '../reload/control.ts';
import { RELOAD_BOUNDS, type ReloadStats } from '../reload/reload-stats.ts';
import { shortHash } from '../reload/version-numbers.ts';
import type { Arena } from '../shm/arena.ts';
import { DURATION_BOUNDS, GC_BOUNDS, type HistogramReading, type Meters } from '../shm/meters.ts';
import { outcomeName } from '../wire/outcome.ts';
import { PHASES } from '../wire/phases.ts';
import type { OutboundTotals } from './outbound-totals.ts';
import { type Labels, SharedHistogram } from './shared-histogram.ts';

/** Where the counts are. */
export interface MetricSources {
  readonly meters: Meters;
  /** Worker seats; the meters' row behind them is the main thread's. */
  readonly seats: number;
  readonly arena: Arena;
  readonly dispatcher: Dispatcher;
  readonly front: { readonly refusals: ReadonlyMap<string, number> };
  readonly pool: WorkerPool;
  readonly reloads: ReloadStats;
  readonly outbound: OutboundTotals;
  readonly plugins: () => readonly PluginView[];
  /** The tools that have a number now. */
  readonly tools: () => readonly { readonly id: ToolId; readonly plugin: string; readonly tool: string }[];
}

/** A registry whose values are read from `sources` at every scrape. */
export function createMetrics(sources: MetricSources): Registry {
  const registry = new Registry();
  const counter = (
    name: string,
    help: string,
    labelNames: string[],
    read: () => [Labels, number][],
  ): void => {
    const metric = new Counter({
      name,
      help,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.inc(labels, value);
      },
    });
    registry.registerMetric(metric);
  };
  const gauge = (name: string, help: string, labelNames: string[], read: () => [Labels, number][]): void => {
    const metric = new Gauge({
      name,
      help,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.set(labels, value);
      },
    });
    registry.registerMetric(metric);
  };
  const histogram = (
    name: string,
    help: string,
    bounds: readonly number[],
    read: () => [Labels, HistogramReading][],
  ): void => {
    registry.registerMetric(new SharedHistogram({ name, help, bounds, read }));
  };

  const { meters, dispatcher, front, pool } = sources;
  const byTool = <Value>(read: (id: ToolId) => Value): [Labels, Value][] =>
    sources.tools().map(({ id, plugin, tool }) => [{ plugin, tool }, read(id)]);

  counter('hotlane_calls_total', 'Calls of a tool by how they ended.', ['plugin', 'tool', 'outcome'], () =>
    byTool((id) => meters.outcomes(id)).flatMap(([labels, counts]) =>
      counts
        .map((count, outcome): [Labels, number] => [{ ...labels, outcome: outcomeName(outcome) }, count])
        .filter(([, count]) => count > 0),
    ),
  );
  histogram(
    'hotlane_call_duration_seconds',
    'From the last byte of a request to its answer.',
    DURATION_BOUNDS,
    () => byTool((id) => meters.durations(id)),
  );
  histogram(
    'hotlane_queue_wait_seconds',
    'From the last byte of a request to its start in a worker.',
    DURATION_BOUNDS,
    () => byTool((id) => meters.waits(id)),
  );
  histogram('hotlane_call_phase_seconds', 'Where the time of calls goes.', DURATION_BOUNDS, () =>
    sources
      .tools()
      .flatMap(({ id, plugin, tool }) =>
        PHASES.map((phase): [Labels, HistogramReading] => [
          { plugin, tool, phase },
          phaseReading(meters, id, phase),
        ]),
      ),
  );
  gauge(
    'hotlane_circuit_state',
    'Circuit breakers: 1 for the state each is in.',
    ['plugin', 'tool', 'state'],
    () => dispatcher.circuits().flatMap(({ tool, state }) => named(sources, [[tool, 1]], { state })),
  );
  counter('hotlane_circuit_openings_total', 'How often circuits opened.', ['plugin', 'tool'], () =>
    named(sources, dispatcher.circuitOpenings),
  );
  counter(
    'hotlane_retries_total',
    'Calls that ran once more because their worker died.',
    ['plugin', 'tool'],
    () => named(sources, dispatcher.retries),
  );
  counter('hotlane_error_answers_total', 'Error answers made by the front, by code.', ['code'], () =>
    [...front.refusals].map(([code, count]) => [{ code: code.toLowerCase() }, count]),
  );
  gauge('hotlane_queue_depth', 'Calls waiting for a worker.', [], () => [[{}, dispatcher.queued]]);
  gauge('hotlane_calls_in_flight', 'Calls waiting or running.', [], () => [[{}, dispatcher.inFlight]]);
  gauge(
    'hotlane_lingering_slots',
    'Slots a worker holds although their callers have been answered.',
    [],
    () => [[{}, dispatcher.lingering]],
  );
  counter(
    'hotlane_slab_requests_total',
    'Blocks of shared memory asked for, by how they were found.',
    ['side', 'result'],
    () => slabCounts(sources),
  );
  gauge('hotlane_workers', 'Worker threads by state.', ['state'], () =>
    [...Map.groupBy(pool.view(), ({ state }) => state)].map(([state, workers]) => [
      { state },
      workers.length,
    ]),
  );
  gauge(
    'hotlane_worker_event_loop_utilization_ratio',
    'Share of its life a worker thread was not idle.',
    ['seat'],
    () => pool.view().map(({ seat, utilisation }) => [{ seat: String(seat) }, utilisation]),
  );
  counter('hotlane_worker_busy_seconds_total', 'Time a worker seat was not idle.', ['seat'], () =>
    seatRows(sources).map((seat) => [{ seat: String(seat) }, meters.seat(seat).busy]),
  );
  histogram('hotlane_gc_pause_seconds', 'Garbage collection pauses.', GC_BOUNDS, () => [
    [{ thread: 'main' }, meters.seat(sources.seats as SeatIndex).gc],
    ...seatRows(sources).map((seat): [Labels, HistogramReading] => [
      { thread: `worker-${seat}` },
      meters.seat(seat).gc,
    ]),
  ]);
  counter('hotlane_worker_starts_total', 'Worker threads started.', [], () => [[{}, pool.counts.starts]]);
  counter('hotlane_worker_crashes_total', 'Worker threads that ended by themselves.', [], () => [
    [{}, pool.counts.crashes],
  ]);
  counter(
    'hotlane_worker_terminations_total',
    'Worker threads the server ended: stuck, too slow to go, or with code that is given up.',
    [],
    () => [[{}, pool.counts.terminations]],
  );
  counter(
    'hotlane_worker_recycles_total',
    'Workers exchanged for fresh ones without loss, by the limit they were over.',
    ['reason'],
    () => Object.entries(pool.counts.recycles).map(([reason, count]) => [{ reason }, count]),
  );
  histogram(
    'hotlane_worker_replacement_seconds',
    'From the loss of a worker until its replacement serves.',
    REPLACEMENT_BOUNDS,
    () => [[{}, pool.counts.replacements.durations]],
  );
  gauge('hotlane_worker_zombies', 'Threads that native code keeps from ending.', [], () => [
    [{}, pool.zombies.count],
  ]);
  gauge('hotlane_worker_heap_bytes', 'JavaScript heap of a worker, as seen last.', ['seat'], () =>
    pool.view().map(({ seat, heapMb = 0 }) => [{ seat: String(seat) }, heapMb * 2 ** 20]),
  );
  gauge(
    'hotlane_worker_external_bytes',
    'Buffers and the like of a worker, outside its heap, as seen last.',
    ['seat'],
    () => pool.view().map(({ seat, externalMb = 0 }) => [{ seat: String(seat) }, externalMb * 2 ** 20]),
  );
  counter('hotlane_reloads_total', 'Changes of the plugins by how they ended.', ['outcome'], () =>
    [...sources.reloads.outcomes].map(([outcome, count]) => [{ outcome }, count]),
  );
  histogram('hotlane_reload_duration_seconds', 'From the begin of a roll to its end.', RELOAD_BOUNDS, () => [
    [{}, sources.reloads.durations],
  ]);
  gauge(
    'hotlane_worker_generation',
    'Generation the workers run; each completed roll begins one.',
    [],
    () => [[{}, sources.reloads.generation]],
  );
  gauge(
    'hotlane_plugin_info',
    'Plugins and the version that serves.',
    ['plugin', 'version', 'hash', 'state'],
    () =>
      sources
        .plugins()
        .map(({ name, version = '', hash = '', state }): [Labels, number] => [
          { plugin: name, version, hash: shortHash(hash), state },
          1,
        ]),
  );
  counter(
    'hotlane_outbound_requests_total',
    'Requests of ctx.fetch to other hosts by how they ended.',
    ['host', 'result'],
    () => sources.outbound.requests().map(({ host, result, count }) => [{ host, result }, count]),
  );
  gauge('hotlane_outbound_connections', 'Connections of ctx.fetch that are open.', ['host'], () =>
    sources.outbound.standings().map(({ host, connections }) => [{ host }, connections]),
  );
  gauge('hotlane_outbound_pending', 'Requests of ctx.fetch under way.', ['host'], () =>
    sources.outbound.standings().map(({ host, pending }) => [{ host }, pending]),
  );
  gauge(
    'hotlane_outbound_circuit',
    'Workers by the state of their circuit of a host.',
    ['host', 'state'],
    () =>
      sources.outbound
        .standings()
        .flatMap(({ host, circuits }) => [...circuits].map(([state, workers]) => [{ host, state }, workers])),
  );
  counter('process_cpu_seconds_total', 'User and system time of all threads.', [], () => {
    const { user, system } = process.cpuUsage();
    return [[{}, (user + system) / 1e6]];
  });
  gauge('process_resident_memory_bytes', 'Resident memory of the process.', [], () => [
    [{}, process.memoryUsage.rss()],
  ]);
  gauge(
    'process_start_time_seconds',
    'When the process started, in seconds since the Unix epoch.',
    [],
    () => [[{}, performance.timeOrigin / 1000]],
  );
  return registry;
}

/** Numbers by tool, under the tools' names. */
function named(
  { tools }: MetricSources,
  values: Iterable<readonly [ToolId, number]>,
  more: Labels = {},
): [Labels, number][] {
  const names = new Map(tools().map(({ id, plugin, tool }) => [id, { plugin, tool }]));
  return [...values].map(([id, value]) => [{ ...names.get(id), ...more }, value]);
}

/** Seats that have ever had a worker. */
function seatRows({ meters, seats }: MetricSources): SeatIndex[] {
  return Array.from({ length: seats }, (_, seat) => seat as SeatIndex).filter(
    (seat) => meters.seat(seat).busy > 0,
  );
}

function slabCounts(sources: MetricSources): [Labels, number][] {
  const rows = seatRows(sources).map((seat) => sources.meters.seat(seat));
  return (['hits', 'misses', 'upgrades', 'fallbacks'] as const).flatMap((result): [Labels, number][] => [
    [{ side: 'front', result }, sources.dispatcher.slabCounts[result]],
    [{ side: 'worker', result }, rows.reduce((sum, row) => sum + row[result], 0)],
  ]);
}
