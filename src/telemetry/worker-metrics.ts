/** The worker threads: how busy, how large, how often lost. */
import type { SeatIndex } from '../core/brand.ts';
import { REPLACEMENT_BOUNDS } from '../pool/replacement-times.ts';
import { GC_BOUNDS, type HistogramReading } from '../shm/meters.ts';
import { type MetricSources, seatRows } from './metric-sources.ts';
import type { Register } from './register.ts';
import type { Labels } from './shared-histogram.ts';

export function registerWorkers(register: Register, sources: MetricSources): void {
  const { meters, pool } = sources;
  register.gauge('hotlane_workers', 'Worker threads by state.', ['state'], () =>
    [...Map.groupBy(pool.view(), ({ state }) => state)].map(([state, workers]) => [
      { state },
      workers.length,
    ]),
  );
  register.gauge(
    'hotlane_worker_event_loop_utilization_ratio',
    'Share of its life a worker thread was not idle.',
    ['seat'],
    () => pool.view().map(({ seat, utilisation }) => [{ seat: String(seat) }, utilisation]),
  );
  register.counter('hotlane_worker_busy_seconds_total', 'Time a worker seat was not idle.', ['seat'], () =>
    seatRows(sources).map((seat) => [{ seat: String(seat) }, meters.seat(seat).busy]),
  );
  register.histogram('hotlane_gc_pause_seconds', 'Garbage collection pauses.', GC_BOUNDS, () => [
    [{ thread: 'main' }, meters.seat(sources.seats as SeatIndex).gc],
    ...seatRows(sources).map((seat): [Labels, HistogramReading] => [
      { thread: `worker-${seat}` },
      meters.seat(seat).gc,
    ]),
  ]);
  register.counter('hotlane_worker_starts_total', 'Worker threads started.', [], () => [
    [{}, pool.counts.starts],
  ]);
  register.counter('hotlane_worker_crashes_total', 'Worker threads that ended by themselves.', [], () => [
    [{}, pool.counts.crashes],
  ]);
  register.counter(
    'hotlane_worker_terminations_total',
    'Worker threads the server ended: stuck, too slow to go, or with code that is given up.',
    [],
    () => [[{}, pool.counts.terminations]],
  );
  register.counter(
    'hotlane_worker_recycles_total',
    'Workers exchanged for fresh ones without loss, by the limit they were over.',
    ['reason'],
    () => Object.entries(pool.counts.recycles).map(([reason, count]) => [{ reason }, count]),
  );
  register.histogram(
    'hotlane_worker_replacement_seconds',
    'From the loss of a worker until its replacement serves.',
    REPLACEMENT_BOUNDS,
    () => [[{}, pool.counts.replacements.durations]],
  );
  register.gauge('hotlane_worker_zombies', 'Threads that native code keeps from ending.', [], () => [
    [{}, pool.zombies.count],
  ]);
  register.gauge('hotlane_worker_heap_bytes', 'JavaScript heap of a worker, as seen last.', ['seat'], () =>
    pool.view().map(({ seat, heapMb = 0 }) => [{ seat: String(seat) }, heapMb * 2 ** 20]),
  );
  register.gauge(
    'hotlane_worker_external_bytes',
    'Buffers and the like of a worker, outside its heap, as seen last.',
    ['seat'],
    () => pool.view().map(({ seat, externalMb = 0 }) => [{ seat: String(seat) }, externalMb * 2 ** 20]),
  );
}
