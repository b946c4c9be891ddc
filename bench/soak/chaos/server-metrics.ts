/** What the server says of itself in `/metrics`, read as Prometheus reads it. */

/** One sample: `hotlane_workers{state="serving"} 2`. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export class ServerMetrics {
  private readonly samples: readonly Sample[];

  /** Of the text format of Prometheus, version 0.0.4. */
  constructor(text: string) {
    this.samples = text.split('\n').flatMap((line) => {
      const [, name, labels = '', value] = sampleLine.exec(line) ?? [];
      if (name === undefined || value === undefined) return [];
      const pairs = [...labels.matchAll(label)].map(([, key = '', held = '']) => [key, held] as const);
      return [{ name, labels: Object.fromEntries(pairs), value: numberOf(value) }];
    });
  }

  /** Rejects when the server does not answer. */
  static async read(adminPort: number): Promise<ServerMetrics> {
    const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`, {
      signal: AbortSignal.timeout(5000),
    });
    return new ServerMetrics(await response.text());
  }

  /** Over all labels that hold these; undefined where the server has no such metric at all. */
  total(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const named = this.samples.filter((sample) => sample.name === name);
    if (named.length === 0) return undefined;
    return named
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  /**
   * A quantile of a histogram without labels of its own, drawn straight through the bucket it falls into.
   * Undefined where nothing was counted.
   */
  quantile(name: string, fraction: number): number | undefined {
    const buckets = this.samples
      .filter((sample) => sample.name === `${name}_bucket`)
      .map(({ labels, value }) => ({ upTo: numberOf(labels['le'] ?? ''), count: value }))
      .toSorted((a, b) => a.upTo - b.upTo);
    const rank = fraction * (buckets.at(-1)?.count ?? 0);
    if (rank === 0) return undefined;
    let below = { upTo: 0, count: 0 };
    for (const bucket of buckets) {
      if (bucket.count >= rank) {
        if (bucket.upTo === Number.POSITIVE_INFINITY) return below.upTo;
        const share = (rank - below.count) / (bucket.count - below.count);
        return below.upTo + (bucket.upTo - below.upTo) * share;
      }
      below = bucket;
    }
    return undefined;
  }
}

function numberOf(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}
