/** What a process holds on to, for finding what it never gives back. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { reportOf } from './usage.ts';

export interface Resources {
  /** Resident set in MiB. */
  readonly residentMB: number;
  /** Active handles and requests of the main thread's event loop. */
  readonly handles: number;
  /** NaN where there is no /proc. */
  readonly threads: number;
  /** Open file descriptors; NaN where there is no /proc. */
  readonly descriptors: number;
}

const mebibyte = 2 ** 20;

/** Of a process that was started with the reporter preloaded. */
export async function resourcesOf(child: ChildProcess): Promise<Resources> {
  const { residentBytes, handles } = await reportOf(child);
  const told = { residentMB: residentBytes / mebibyte, handles };
  if (process.platform !== 'linux') return { ...told, threads: Number.NaN, descriptors: Number.NaN };
  const folder = `/proc/${child.pid}`;
  return {
    ...told,
    threads: threadsIn(readFileSync(`${folder}/status`, 'utf8')),
    descriptors: readdirSync(`${folder}/fd`).length,
  };
}

/** Reads /proc/<pid>/status: the line `Threads:	12`. */
export function threadsIn(status: string): number {
  return Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]);
}
