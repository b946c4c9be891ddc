/** The report on the terminal. */
import { styleText } from 'node:util';
import type { ScenarioResult } from '../scenarios/scenario.ts';
import { type JudgedFigure, judge, type Verdict } from './figure.ts';
import type { Machine } from './machine.ts';
import { numberText, spreadText } from './number-text.ts';
import { spreadOf } from './spread.ts';
import { type Column, textTable } from './text-table.ts';

type Style = Parameters<typeof styleText>[0];

const styles: Readonly<Record<Verdict, Style>> = {
  aim: 'green',
  must: 'yellow',
  missed: 'red',
  'not measured': 'dim',
};

const marks: Readonly<Record<Verdict, string>> = {
  aim: 'aim reached',
  must: 'must met',
  missed: 'MISSED',
  'not measured': 'not measured',
};

/** `stolenShare`: of the CPU time the machine wanted during the run, what the hypervisor withheld, 0 … 1. */
export function machineLines(machine: Machine, stolenShare: number): string[] {
  const { cpu, cores, memoryGiB, system, kernel, glibc, node, loadAverage, stalls } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB; ${system}, kernel ${kernel}, glibc ${glibc ?? 'none'}; node ${node}`,
    `load average before ${loadAverage.toFixed(2)}; an idle loop was held up ${stalls.count} times a second, ` +
      `at worst ${numberText(stalls.worstMs)} ms; the hypervisor withheld ${(stolenShare * 100).toFixed(1)} % of the CPU time`,
  ];
}

/** The figures with their bounds, one row each. */
export function figureLines(figures: readonly JudgedFigure[]): string[] {
  const columns: Column[] = [
    { title: 'figure', align: 'left' },
    { title: 'median (min..max)', align: 'right' },
    { title: 'must', align: 'right' },
    { title: 'aim', align: 'right' },
    { title: '', align: 'left' },
  ];
  const rows = figures.map(({ name, unit, spread, bound, verdict }) => {
    const sign = bound.direction === 'at least' ? '>=' : '<=';
    const suffix = unit === 'x' || unit === '' ? '' : ` ${unit}`;
    return [
      name,
      `${spreadText(spread)}${suffix}`,
      `${sign} ${bound.must}${suffix}`,
      `${sign} ${bound.aim}${suffix}`,
      marks[verdict],
    ];
  });
  const [title = '', rule = '', ...lines] = textTable(columns, rows);
  // styleText looks at NO_COLOR and at whether stdout is a terminal.
  return [
    title,
    rule,
    ...lines.map((line, row) => styleText(styles[figures[row]?.verdict ?? 'missed'], line)),
  ];
}

/** What lies behind the figures: every variant's values, then notes and faults. */
export function scenarioLines(name: string, result: ScenarioResult): string[] {
  const titles = [...new Set(result.details.flatMap(({ columns }) => Object.keys(columns)))];
  const columns: Column[] = [
    { title: name, align: 'left' },
    ...titles.map((title): Column => ({ title, align: 'right' })),
  ];
  const rows = result.details.map(({ title, columns: values }) => [
    title,
    ...titles.map((column) => spreadText(spreadOf(values[column] ?? []))),
  ]);
  return [
    ...textTable(columns, rows),
    ...result.notes.map((note) => `  note: ${note}`),
    ...(result.charts ?? []).map((line) => `  ${line}`),
    ...faultLines(result).map((line) => styleText('red', line)),
  ];
}

function faultLines({ faults }: ScenarioResult): string[] {
  return Object.entries(faults).flatMap(([variant, reasons]) =>
    Object.entries(reasons).map(([reason, count]) => `  FAULT: ${variant}: ${numberText(count)} × ${reason}`),
  );
}

export function judgeAll(results: readonly ScenarioResult[]): JudgedFigure[] {
  return results.flatMap(({ figures }) => figures.map(judge));
}

/** Every bound met, and no answer wrong anywhere. */
export function passes(figures: readonly JudgedFigure[], results: readonly ScenarioResult[]): boolean {
  const faultless = results.every(({ faults }) =>
    Object.values(faults).every((reasons) => Object.keys(reasons).length === 0),
  );
  return faultless && figures.every(({ verdict }) => verdict === 'aim' || verdict === 'must');
}
