import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';

/** The nice value of a thread of this process, from /proc/[pid]/task/[tid]/stat (proc(5)). */
export function niceOf(tid: number | string): number {
  const stat = readFileSync(`/proc/self/task/${tid}/stat`, 'utf8');
  // The second field is a name in brackets, which may hold blanks; "nice" is the nineteenth.
  const [nice = ''] = stat
    .slice(stat.lastIndexOf(') ') + 2)
    .split(' ')
    .slice(16);
  return Number(nice);
}

export const USUAL = getPriority();
/** Of a thread that stands back. */
export const BACK = Math.min(19, USUAL + 10);

export const ON_LINUX = {
  skip: process.platform === 'linux' ? false : 'a thread has a nice value of its own on Linux only',
};
