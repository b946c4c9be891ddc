/** What the figures were measured on. */
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

import { type Stalls, watchStalls } from '../measure/stalls.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly kernel: string;
  /** Undefined where the C library is not glibc. */
  readonly glibc: string | undefined;
  readonly node: string;
  /** Load average over one minute when the run began: above 0.5 something else was at work. */
  readonly loadAverage: number;
  /** How a thread that only looks at the clock fared before the run. */
  readonly stalls: Stalls;
}

const watchMs = 1000;

/** Blocks for a second. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    kernel: release(),
    glibc: glibcVersion(),
    node: process.version,
    loadAverage: loadavg()[0] ?? 0,
    stalls: watchStalls(watchMs),
  };
}

function glibcVersion(): string | undefined {
  // Without this the report looks up the names of all network interfaces, which can take seconds.
  Reflect.set(process.report, 'excludeNetwork', true);
  const report: unknown = process.report.getReport();
  const header: unknown =
    typeof report === 'object' && report !== null ? Reflect.get(report, 'header') : undefined;
  if (typeof header !== 'object' || header === null) return undefined;
  const version: unknown = Reflect.get(header, 'glibcVersionRuntime');
  return typeof version === 'string' ? version : undefined;
}
