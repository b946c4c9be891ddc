/** Reads hotlane's own metrics, as far as the benchmark looks at them. */

export interface MetricSample {
  /** Of a histogram with its ending, for example `_bucket`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/;
const label = /([a-z_]+)="([^"]*)"/g;

export async function metricsOf(adminPort: number): Promise<readonly MetricSample[]> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  return readMetrics(await response.text());
}

/** Leaves out comments and what it cannot read. */
export function readMetrics(text: string): readonly MetricSample[] {
  return text.split('\n').flatMap((row) => {
    const [, name, labels = '', value = ''] = line.exec(row) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(label)].map(([, key = '', content = '']) => [key, content]);
    return [{ name, labels: Object.fromEntries(pairs), value: value === '+Inf' ? Infinity : Number(value) }];
  });
}

/** Adds up the samples of this name; undefined when there is none. */
export function sumOf(samples: readonly MetricSample[], name: string): number | undefined {
  const own = samples.filter((sample) => sample.name === name);
  return own.length === 0 ? undefined : own.reduce((sum, { value }) => sum + value, 0);
}

/**
 * The smallest bucket's bound that at least `fraction` of all values of a histogram do not exceed; undefined when it has
 * no values. Adds up its label sets.
 */
export function boundOf(
  samples: readonly MetricSample[],
  histogram: string,
  fraction: number,
): number | undefined {
  const buckets = new Map<number, number>();
  for (const { name, labels, value } of samples) {
    if (name !== `${histogram}_bucket`) continue;
    const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
    buckets.set(bound, (buckets.get(bound) ?? 0) + value);
  }
  const total = buckets.get(Number.POSITIVE_INFINITY) ?? 0;
  if (total === 0) return undefined;
  const sorted = [...buckets].toSorted(([a], [b]) => a - b);
  return sorted.find(([, count]) => count >= fraction * total)?.[0];
}
