/**
 * Finds out on Linux whether a process has a file open for writing, by what /proc tells of the processes we may look
 * at. A help, not a proof: writers on other machines and in other containers, and other users' processes, are not seen.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { TimeSlice } from '../core/time-slice.ts';

/** Milliseconds after which the search is given up. */
const BUDGET_MS = 100;
/** The access mode in a descriptor's flags (open(2)): 0 is reading only. */
const ACCESS_MODE = 0o3;

/** One of `paths` (real paths) that is open for writing, or undefined: none that we know of. */
export async function openForWriting(paths: ReadonlySet<string>): Promise<string | undefined> {
  if (process.platform !== 'linux' || paths.size === 0) return undefined;
  const begun = performance.now();
  const slice = new TimeSlice();
  for (const pid of processes()) {
    // One by one: a server has a descriptor for each of its connections.
    for (const descriptor of namesIn(`/proc/${pid}/fd`)) {
      const path = openedAs(pid, descriptor, paths);
      if (path !== undefined) return path;
      if (slice.isOver) await slice.next();
    }
    if (performance.now() - begun > BUDGET_MS) return undefined;
    if (slice.isOver) await slice.next();
  }
  return undefined;
}

/** This one first, then the youngest: who writes a plugin is seldom a process that has run for long. */
function processes(): number[] {
  const all = namesIn('/proc').map(Number).filter(Number.isInteger);
  return [process.pid, ...all.toSorted((a, b) => b - a)];
}

/** Synchronous: /proc is memory, and one descriptor takes some microseconds. */
function openedAs(pid: number, descriptor: string, paths: ReadonlySet<string>): string | undefined {
  const path = readOr(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`));
  if (!paths.has(path)) return undefined;
  const isOpen = isWriting(readOr(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8')));
  return isOpen ? path : undefined;
}

/** `info`: the text of a file in /proc/<pid>/fdinfo, with the flags in octal. */
function isWriting(info: string): boolean {
  const [, flags = '0'] = /^flags:\s*([0-7]+)$/m.exec(info) ?? [];
  return (Number.parseInt(flags, 8) & ACCESS_MODE) !== 0;
}

/** Processes and descriptors go away while one looks at them, and not everybody's may be looked at. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
