/**
 * Reads Prometheus's text format as far as our own metrics use it.
 */

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Of a histogram with its ending, for example `_bucket`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Throws on a line that is none of the format's, and on a sample without its family's TYPE before it. */
export function parseExposition(text: string): Family[] {
  const families: (Family & { samples: Sample[] })[] = [];
  const help = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    const family = families.at(-1);
    if (comment?.[1] === 'HELP') help.set(comment[2] ?? '', comment[3] ?? '');
    else if (comment?.[1] === 'TYPE') {
      const name = comment[2] ?? '';
      families.push({ name, type: comment[3] ?? '', help: help.get(name) ?? '', samples: [] });
    } else {
      const sample = parseSample(line);
      if (family === undefined || !sample.name.startsWith(family.name))
        throw new Error(`stray sample: ${line}`);
      family.samples.push(sample);
    }
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text] as const);
  return {
    name,
    labels: Object.fromEntries(pairs),
    value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value),
  };
}
