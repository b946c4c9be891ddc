/** Watches how much CPU time a running process uses per second of the clock. */
import { usageFromProc } from './usage.ts';

const sampleMs = 50;

/**
 * Begins to watch; the function given back ends it and says the CPU seconds per second between the first and
 * the last sample, or undefined where there is no /proc or the process was gone too soon.
 */
export function watchUtilisation(pid: number): () => number | undefined {
  if (process.platform !== 'linux') return () => undefined;
  let first: { at: number; cpuSeconds: number } | undefined;
  let last: typeof first;
  const sample = () => {
    try {
      last = { at: performance.now() / 1000, cpuSeconds: usageFromProc(pid).cpuSeconds };
      first ??= last;
    } catch {
      // The process has ended: the last sample stands.
      clearInterval(timer);
    }
  };
  const timer = setInterval(sample, sampleMs);
  return () => {
    clearInterval(timer);
    if (first === undefined || last === undefined || last.at === first.at) return undefined;
    return (last.cpuSeconds - first.cpuSeconds) / (last.at - first.at);
  };
}
