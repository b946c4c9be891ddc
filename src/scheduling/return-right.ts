/**
 * Whether a thread that makes itself less important may become as important again. Linux lets everybody step back, but
 * going back takes CAP_SYS_NICE or a limit RLIMIT_NICE that allows the nice value (getrlimit(2); for SCHED_IDLE too, sched(7)).
 */
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';

const CAP_SYS_NICE = 23n;
/** The calling thread. */
const SELF = 0;

/** The calling thread's nice value, if it could go back to it; undefined: it could not, or this is not Linux. */
export function niceValueToReturnTo(): number | undefined {
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
