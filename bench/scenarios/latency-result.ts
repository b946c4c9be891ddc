/** What the open-loop scenarios have in common: the detail table, faults and warnings of their samples. */
import type { Latency } from '../measure/latency.ts';
import type { Variant } from '../variants/variant.ts';
import type { Rounds } from './interleave.ts';
import type { Detail, ScenarioResult } from './scenario.ts';
import { sumFaults } from './throughput-result.ts';

export function latencyResult(
  variants: readonly Variant[],
  rounds: Rounds<Latency>,
): Omit<ScenarioResult, 'figures'> {
  const measured = variants.filter(({ name }) => rounds.has(name));
  const column = (name: string, value: (sample: Latency) => number) => (rounds.get(name) ?? []).map(value);
  return {
    details: measured.map(
      ({ name, title }): Detail => ({
        variant: name,
        title,
        columns: {
          'P50 ms': column(name, (sample) => sample.p50Ms),
          'P99 ms': column(name, (sample) => sample.p99Ms),
          'P99.9 ms': column(name, (sample) => sample.p999Ms),
          'late: no connection': column(name, (sample) => sample.lateNoConnection),
          'late: sender': column(name, (sample) => sample.lateSender),
          'sender behind, P99 ms': column(name, (sample) => sample.behindP99Ms),
        },
      }),
    ),
    notes: measured.flatMap(({ name }) => notesOf(name, rounds.get(name) ?? [])),
    faults: Object.fromEntries(measured.map(({ name }) => [name, sumFaults(rounds.get(name) ?? [])])),
    samples: Object.fromEntries(rounds),
  };
}

function notesOf(name: string, samples: readonly Latency[]): string[] {
  const saturated = samples.filter(({ generatorSaturated }) => generatorSaturated).length;
  if (saturated === 0) return [];
  return [
    `${name}: the sender itself was too late too often in ${saturated} of ${samples.length} rounds ` +
      '(a busy machine); the P99 is partly its own',
  ];
}
