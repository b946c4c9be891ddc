/** What a server held over a run, drawn: one chart for each resource. */
import type { Resources } from '../process/resources.ts';
import { textChart } from './text-chart.ts';

export function resourceCharts(samples: readonly Resources[]): string[] {
  const chart = (title: string, value: (sample: Resources) => number): string[] =>
    textChart(title, samples.map(value));
  return [
    ...chart('resident set, MB', ({ residentMB }) => residentMB),
    ...chart('threads', ({ threads }) => threads),
    ...chart('file descriptors', ({ descriptors }) => descriptors),
    ...chart("handles of the main thread's event loop", ({ handles }) => handles),
  ];
}
