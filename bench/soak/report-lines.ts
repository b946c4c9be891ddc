/** The soak's report on the terminal. */
import { styleText } from 'node:util';
import type { Resources } from '../process/resources.ts';
import { numberText } from '../report/number-text.ts';
import { resourceCharts } from '../report/resource-charts.ts';
import { type Column, textTable } from '../report/text-table.ts';
import { growthLimit, type MemoryVerdict } from './memory-verdict.ts';
import type { TrafficReport } from './traffic.ts';

export interface SoakReport {
  readonly seed: number;
  readonly minutes: number;
  readonly traffic: TrafficReport;
  /** How operations ended. */
  readonly operations: Readonly<Record<string, number>>;
  /** The operation that did not end, in a sentence. */
  readonly stuck: string | undefined;
  readonly resources: readonly Resources[];
  readonly memory: MemoryVerdict;
  readonly passed: boolean;
}

export function reportLines(report: SoakReport): string[] {
  const { seed, minutes, traffic, operations, stuck, resources, memory } = report;
  return [
    `seed ${seed}, ${minutes.toFixed(1)} minutes, ${numberText(traffic.calls)} calls`,
    '',
    ...countTable('answers', traffic.outcomes),
    '',
    ...countTable('operations', operations),
    '',
    ...resourceCharts(resources),
    '',
    memoryLine(memory),
    ...faultLines(traffic.faults, stuck),
    styleText(report.passed ? 'green' : 'red', report.passed ? 'passed' : 'FAILED'),
  ];
}

export function countTable(title: string, counts: Readonly<Record<string, number>>): string[] {
  const columns: readonly Column[] = [
    { title, align: 'left' },
    { title: 'times', align: 'right' },
  ];
  const rows = Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return textTable(
    columns,
    rows.map(([name, count]) => [name, numberText(count)]),
  );
}

export function memoryLine(memory: MemoryVerdict): string {
  if (memory.kind === 'too short to judge') return 'memory: the run is too short to tell whether it grows';
  const { perMinuteMB, uncertaintyMB } = memory;
  const slope = `${perMinuteMB.toFixed(2)} ± ${uncertaintyMB.toFixed(2)} MB a minute, at most ${growthLimit}`;
  return memory.kind === 'fine' ? `memory: ${slope}` : styleText('red', `memory GROWS: ${slope}`);
}

export function faultLines(faults: Readonly<Record<string, number>>, stuck: string | undefined): string[] {
  const lines = Object.entries(faults).map(([reason, count]) => `FAULT: ${numberText(count)} × ${reason}`);
  if (stuck !== undefined) lines.push(`FAULT: ${stuck}`);
  return lines.map((line) => styleText('red', line));
}
