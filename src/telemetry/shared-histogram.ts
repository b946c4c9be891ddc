/**
 * A histogram counted in shared memory, among the metrics of prom-client: the library can observe values one by one but
 * not take over counts, so this one answers the registry's question itself. It also writes its own text, since there are
 * hundreds of lines for each tool, of which a scrape changes only the numbers.
 */
import { Histogram } from 'prom-client';
import type { TimeSlice } from '../core/time-slice.ts';
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
  /** By label set: the lines of its samples up to the value. */
  private readonly heads = new Map<string, readonly string[]>();

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

  /**
   * The same lines as the registry would print (https://prometheus.io/docs/instrumenting/exposition_formats/), without a
   * line break at the end. Leaves turns to the event loop between label sets.
   */
  async text(slice: TimeSlice): Promise<string> {
    const { name, help, read } = this.options;
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
    for (const [labels, { counts, sum }] of read()) {
      const heads = this.headsOf(labels);
      let count = 0;
      for (const [index, inBucket] of counts.entries()) {
        count += inBucket;
        lines.push(`${heads[index]}${count}`);
      }
      lines.push(`${heads[counts.length]}${sum}`, `${heads[counts.length + 1]}${count}`);
      if (slice.isOver) await slice.next();
    }
    return lines.join('\n');
  }

  private headsOf(labels: Labels): readonly string[] {
    const text = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
    const key = text.join(',');
    let heads = this.heads.get(key);
    if (heads === undefined) {
      const { name, bounds } = this.options;
      const own = key === '' ? '' : `{${key}}`;
      heads = [
        ...[...bounds, '+Inf'].map((bound) => `${name}_bucket{${[...text, `le="${bound}"`].join(',')}} `),
        `${name}_sum${own} `,
        `${name}_count${own} `,
      ];
      this.heads.set(key, heads);
    }
    return heads;
  }
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
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
