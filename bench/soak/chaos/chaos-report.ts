/** The report of a run of chaos on the terminal. */
import { styleText } from 'node:util';
import { numberText } from '../../report/number-text.ts';
import { figureLines } from '../../report/print.ts';
import { resourceCharts } from '../../report/resource-charts.ts';
import { type Column, textTable } from '../../report/text-table.ts';
import { countTable, faultLines, memoryLine } from '../report-lines.ts';
import type { ChaosFacts, ChaosVerdict } from './chaos-figures.ts';
import type { KindCounts } from './ledger.ts';

export interface ChaosReport extends Omit<ChaosFacts, 'ledger'>, ChaosVerdict {
  readonly kinds: Readonly<Record<string, KindCounts>>;
  readonly refusals: Readonly<Record<string, number>>;
  /** When clients left. */
  readonly departures: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** What the server printed; gone with this process, unless somebody keeps it. */
  readonly logFile: string;
}

export function chaosLines(report: ChaosReport): string[] {
  const { seed, minutes, kinds, floods, aftermath, passed } = report;
  const calls = Object.values(kinds).reduce((sum, { asked }) => sum + asked, 0);
  return [
    `seed ${seed}, ${minutes.toFixed(1)} minutes, ${numberText(calls)} calls, ${floods} floods, ` +
      `${aftermath?.workersLost ?? '?'} workers lost`,
    '',
    ...kindTable(kinds),
    '',
    ...countTable('refused', report.refusals),
    '',
    ...countTable('left', report.departures),
    '',
    ...countTable('faults injected', report.injected),
    '',
    ...countTable('saves', report.saves),
    '',
    ...resourceCharts(report.resources),
    '',
    ...heldLines(report),
    memoryLine(report.memory),
    '',
    ...figureLines(report.figures),
    ...faultLines(report.faults, report.stuck),
    styleText(passed ? 'green' : 'red', passed ? 'passed' : 'FAILED'),
  ];
}

const columns: readonly (readonly [title: string, value: (kind: KindCounts) => number])[] = [
  ['asked', ({ asked }) => asked],
  ['200', ({ outcomes }) => outcomes.right],
  ['500', ({ outcomes }) => outcomes.failed],
  ['502', ({ outcomes }) => outcomes.died],
  ['503', ({ outcomes }) => outcomes.refused],
  ['504', ({ outcomes }) => outcomes.late],
  ['left', ({ left }) => left],
  ['lost', ({ outcomes }) => outcomes.lost],
  ['crossed', ({ outcomes }) => outcomes.crossed],
  ['wrong', ({ outcomes }) => outcomes.wrong],
];

function kindTable(kinds: Readonly<Record<string, KindCounts>>): string[] {
  const titles: readonly Column[] = [
    { title: 'calls', align: 'left' },
    ...columns.map(([title]): Column => ({ title, align: 'right' })),
  ];
  const groups = ['well-behaved', 'neighbour', 'fault'];
  const rows = Object.entries(kinds)
    .toSorted(([a, left], [b, right]) =>
      left.group === right.group
        ? a < b
          ? -1
          : 1
        : groups.indexOf(left.group) - groups.indexOf(right.group),
    )
    .map(([name, kind]) => [name].concat(columns.map(([, value]) => cell(value(kind)))));
  return textTable(titles, rows);
}

function cell(count: number): string {
  return count === 0 ? '' : numberText(count);
}

function heldLines({ aftermath }: ChaosReport): string[] {
  if (aftermath === undefined) return [styleText('red', 'the server has gone')];
  return Object.entries(aftermath.held)
    .filter(([, count]) => count !== 0)
    .map(([what, count]) => styleText('red', `HELD at the end: ${numberText(count)} ${what}`));
}
