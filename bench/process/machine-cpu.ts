/** How busy the machine is as a whole: shows what other programs took while a figure was measured. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Ticks per second in /proc; 100 on every Linux Node runs on. */
export const ticksPerSecond = 100;

/** CPU seconds of all cores so far, idle left out. */
export function busyCpuSeconds(): number {
  const milliseconds = cpus().reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
  return milliseconds / 1000;
}

/**
 * CPU seconds so far that the hypervisor gave to other machines although this one had work, all cores together.
 * 0 where there is no /proc/stat.
 */
export function stolenCpuSeconds(): number {
  if (process.platform !== 'linux') return 0;
  return stolenSecondsIn(readFileSync('/proc/stat', 'utf8'));
}

/** Reads the first line of /proc/stat: `cpu user nice system idle iowait irq softirq steal …`, see proc(5). */
export function stolenSecondsIn(stat: string): number {
  return Number(/^cpu +(?:\d+ ){7}(\d+)/.exec(stat)?.[1] ?? 0) / ticksPerSecond;
}
