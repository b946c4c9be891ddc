/** What the closed-loop scenarios have in common: the detail table, faults and warnings of their samples. */
import type { Throughput } from '../measure/throughput.ts';
import { median } from '../report/spread.ts';
import type { Variant } from '../variants/variant.ts';
import type { Rounds } from './interleave.ts';
import type { Detail, ScenarioResult } from './scenario.ts';

/** Cores other programs may use before a note says so. */
const quietCores = 0.15;

export function throughputResult(
  variants: readonly Variant[],
  rounds: Rounds<Throughput>,
): Omit<ScenarioResult, 'figures'> {
  const measured = variants.filter(({ name }) => rounds.has(name));
  const column = (name: string, value: (sample: Throughput) => number) => (rounds.get(name) ?? []).map(value);
  return {
    details: measured.map(
      ({ name, title }): Detail => ({
        variant: name,
        title,
        columns: {
          'requests/s': column(name, (sample) => sample.perSecond),
          'CPU µs/request': column(name, (sample) => sample.cpuMicrosPerRequest),
        },
      }),
    ),
    notes: [
      ...generatorNote([...rounds.values()].flat()),
      ...measured.flatMap(({ name }) => notesOf(name, rounds.get(name) ?? [])),
    ],
    faults: Object.fromEntries(measured.map(({ name }) => [name, sumFaults(rounds.get(name) ?? [])])),
    samples: Object.fromEntries(rounds),
  };
}

function generatorNote(samples: readonly Throughput[]): string[] {
  const names = new Set(samples.map(({ generator }) => generator));
  return names.size === 0 ? [] : [`load made by ${[...names].join(', ')}`];
}

function notesOf(name: string, samples: readonly Throughput[]): string[] {
  const notes: string[] = [];
  const generators = [...new Set(samples.map(({ generator }) => generator))].join(', ');
  const saturated = samples.filter(({ generatorSaturated }) => generatorSaturated).length;
  if (saturated > 0) {
    notes.push(
      `${name}: ${generators} was the limit in ${saturated} of ${samples.length} rounds; the server can do more`,
    );
  }
  const foreign = median(samples.map(({ foreignCores }) => foreignCores));
  if (foreign > quietCores) notes.push(`${name}: other programs used ${foreign.toFixed(1)} cores meanwhile`);
  return notes;
}

/** Adds up faults by reason. */
export function sumFaults(
  samples: readonly { readonly faults: Readonly<Record<string, number>> }[],
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { faults } of samples) {
    for (const [reason, count] of Object.entries(faults)) sums[reason] = (sums[reason] ?? 0) + count;
  }
  return sums;
}
