/**
 * CPU time and memory of another process. Linux tells in /proc; elsewhere the process is asked itself, which
 * it can answer because the benchmark starts it with `usage-reporter.ts` preloaded.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ticksPerSecond } from './machine-cpu.ts';
import type { UsageReport } from './usage-reporter.ts';

export interface Usage {
  /** User and system time of all its threads so far, in seconds. */
  readonly cpuSeconds: number;
  /** Resident set in bytes. */
  readonly residentBytes: number;
}

const viaProc = process.platform === 'linux';

/** Arguments for node that make a process answer questions about itself; it needs an IPC channel for that. */
export const reporterArgs: readonly string[] = [
  '--import',
  new URL('usage-reporter.ts', import.meta.url).href,
];

/** Whether a process must have the reporter preloaded for `usageOf`. */
export const reporterIsNeeded = !viaProc;

export async function usageOf(child: ChildProcess): Promise<Usage> {
  if (child.pid === undefined) throw new Error('the process has not started');
  return viaProc ? usageFromProc(child.pid) : usageByAsking(child);
}

/** Throws when the process is gone. */
export function usageFromProc(pid: number): Usage {
  return {
    cpuSeconds: cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    residentBytes: residentBytesIn(readFileSync(`/proc/${pid}/status`, 'utf8')),
  };
}

/** Reads a line of /proc/<pid>/stat: fields 14 (utime) and 15 (stime), see proc(5). */
export function cpuSecondsIn(stat: string): number {
  // Field 2, the command's name in brackets, may itself hold blanks and brackets.
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fromThird[11]) + Number(fromThird[12])) / ticksPerSecond;
}

/** Reads /proc/<pid>/status: the line `VmRSS:   12345 kB`. */
export function residentBytesIn(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

export async function usageByAsking(child: ChildProcess): Promise<Usage> {
  const { cpuMicros, residentBytes } = await reportOf(child);
  return { cpuSeconds: cpuMicros / 1e6, residentBytes };
}

/** What a process with the reporter preloaded says of itself. One question at a time. */
export function reportOf(child: ChildProcess): Promise<UsageReport> {
  return new Promise((resolve, reject) => {
    child.once('message', (report: UsageReport) => resolve(report));
    child.send('usage', (error) => {
      if (error !== null) reject(error);
    });
  });
}
