/** What becomes of calls, how long they take and where, and what refuses them. */
import type { ToolId } from '../core/brand.ts';
import { phaseReading } from '../dispatch/phase-reading.ts';
import { DURATION_BOUNDS, type HistogramReading } from '../shm/meters.ts';
import { outcomeName } from '../wire/outcome.ts';
import { PHASES } from '../wire/phases.ts';
import { type MetricSources, seatRows } from './metric-sources.ts';
import type { Register } from './register.ts';
import type { Labels } from './shared-histogram.ts';

export function registerCalls(register: Register, sources: MetricSources): void {
  const { meters, dispatcher, front } = sources;
  const byTool = <Value>(read: (id: ToolId) => Value): [Labels, Value][] =>
    sources.tools().map(({ id, plugin, tool }) => [{ plugin, tool }, read(id)]);

  register.counter(
    'hotlane_calls_total',
    'Calls of a tool by how they ended.',
    ['plugin', 'tool', 'outcome'],
    () =>
      byTool((id) => meters.outcomes(id)).flatMap(([labels, counts]) =>
        counts
          .map((count, outcome): [Labels, number] => [{ ...labels, outcome: outcomeName(outcome) }, count])
          .filter(([, count]) => count > 0),
      ),
  );
  register.histogram(
    'hotlane_call_duration_seconds',
    'From the last byte of a request to its answer.',
    DURATION_BOUNDS,
    () => byTool((id) => meters.durations(id)),
  );
  register.histogram(
    'hotlane_queue_wait_seconds',
    'From the last byte of a request to its start in a worker.',
    DURATION_BOUNDS,
    () => byTool((id) => meters.waits(id)),
  );
  register.histogram('hotlane_call_phase_seconds', 'Where the time of calls goes.', DURATION_BOUNDS, () =>
    sources
      .tools()
      .flatMap(({ id, plugin, tool }) =>
        PHASES.map((phase): [Labels, HistogramReading] => [
          { plugin, tool, phase },
          phaseReading(meters, id, phase),
        ]),
      ),
  );
  register.gauge(
    'hotlane_circuit_state',
    'Circuit breakers: 1 for the state each is in.',
    ['plugin', 'tool', 'state'],
    () => dispatcher.circuits().flatMap(({ tool, state }) => named(sources, [[tool, 1]], { state })),
  );
  register.counter('hotlane_circuit_openings_total', 'How often circuits opened.', ['plugin', 'tool'], () =>
    named(sources, dispatcher.circuitOpenings),
  );
  register.counter(
    'hotlane_retries_total',
    'Calls that ran once more because their worker died.',
    ['plugin', 'tool'],
    () => named(sources, dispatcher.retries),
  );
  register.counter('hotlane_error_answers_total', 'Error answers made by the front, by code.', ['code'], () =>
    [...front.refusals].map(([code, count]) => [{ code: code.toLowerCase() }, count]),
  );
  register.counter('hotlane_events_total', 'Events of Coze by how their requests ended.', ['outcome'], () =>
    Object.entries(sources.events ?? {}).map(([outcome, count]) => [{ outcome }, count]),
  );
  register.gauge('hotlane_queue_depth', 'Calls waiting for a worker.', [], () => [[{}, dispatcher.queued]]);
  register.gauge('hotlane_calls_in_flight', 'Calls waiting or running.', [], () => [
    [{}, dispatcher.inFlight],
  ]);
  register.gauge(
    'hotlane_lingering_slots',
    'Slots a worker holds although their callers have been answered.',
    [],
    () => [[{}, dispatcher.lingering]],
  );
  register.counter(
    'hotlane_slab_requests_total',
    'Blocks of shared memory asked for, by how they were found.',
    ['side', 'result'],
    () => slabCounts(sources),
  );
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

function slabCounts(sources: MetricSources): [Labels, number][] {
  const rows = seatRows(sources).map((seat) => sources.meters.seat(seat));
  return (['hits', 'misses', 'upgrades', 'fallbacks'] as const).flatMap((result): [Labels, number][] => [
    [{ side: 'front', result }, sources.dispatcher.slabCounts[result]],
    [{ side: 'worker', result }, rows.reduce((sum, row) => sum + row[result], 0)],
  ]);
}
