/**
 * Lets a thread that computes for long stand back for those that have little to do: on Linux a nice value belongs to
 * one thread (setpriority(2), "C library/kernel differences"), and 0 means the calling one. Going back takes
 * CAP_SYS_NICE or a limit RLIMIT_NICE that allows it (getrlimit(2)); where neither is there, the thread stays as it is.
 */
import { readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** What a computing thread is nicer by: beside another one it gets a tenth of the processor (sched(7)), alone all of it. */
const STEP = 10;
const NICEST = 19;
const CAP_SYS_NICE = 23n;
const SELF = 0;

export class Niceness {
  /** Undefined: it could not go back, or it is another system. */
  private readonly usual: number | undefined = usualNiceness();
  private isNice = false;

  /** From now on this thread is nicer than usual, or as usual again. */
  set(nice: boolean): void {
    if (this.usual === undefined || nice === this.isNice) return;
    this.isNice = nice;
    setPriority(SELF, nice ? Math.min(NICEST, this.usual + STEP) : this.usual);
  }
}

function usualNiceness(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const usual = getPriority(SELF);
    const status = readFileSync('/proc/thread-self/status', 'utf8');
    const limits = readFileSync('/proc/thread-self/limits', 'utf8');
    return mayReturn(usual, status, limits) ? usual : undefined;
  } catch {
    // Without /proc nobody can tell.
    return undefined;
  }
}

/** `status` and `limits`: the texts of /proc/[pid]/status and /proc/[pid]/limits, see proc(5). */
export function mayReturn(usual: number, status: string, limits: string): boolean {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (capabilities !== undefined && ((BigInt(`0x${capabilities}`) >> CAP_SYS_NICE) & 1n) === 1n) return true;
  const soft = /^Max nice priority\s+(\d+|unlimited)/m.exec(limits)?.[1];
  // A limit of n allows nice values down to 20 - n.
  return soft === 'unlimited' || (soft !== undefined && 20 - Number(soft) <= usual);
}
