/**
 * A histogram counted in shared memory, printed by prom-client: the library can observe values one by one
 * but not take over counts, so this one answers the registry's question itself.
 */
import { Histogram } from 'prom-client';
import type { HistogramReading } from '../shm/meters.ts';

export type Labels = Readonly<Record<string, string>>;

export interface SharedHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds in seconds, without +Inf. */
  readonly bounds: readonly number[];
  readonly read: () => readonly (readonly [Labels, HistogramReading])[];
}

type Snapshot = Awaited<ReturnType<Histogram['get']>>;

export class SharedHistogram extends Histogram {
  private readonly options: SharedHistogramOptions;
  /** Never observes anything; gives type and aggregator their right values. */
  private readonly blank: Histogram;

  constructor(options: SharedHistogramOptions) {
    const { name, help, bounds } = options;
    const form = { name, help, buckets: [...bounds], registers: [] };
    super(form);
    this.blank = new Histogram(form);
    this.options = options;
  }

  override async get(): Promise<Snapshot> {
    const { name, bounds, read } = this.options;
    const values = read().flatMap(([labels, reading]) => series(name, labels, bounds, reading));
    return { ...(await this.blank.get()), values };
  }

  /** What the registry calls for the text format. */
  getForPromString(): Promise<Snapshot> {
    return this.get();
  }
}

/** Cumulative buckets, sum and count of one label set. */
function series(
  name: string,
  labels: Labels,
  bounds: readonly number[],
  reading: HistogramReading,
): Snapshot['values'] {
  let count = 0;
  const buckets = reading.counts.map((inBucket, index) => {
    count += inBucket;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[index] ?? '+Inf' }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: reading.sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
