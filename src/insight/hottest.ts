/** Reads a .cpuprofile: is it one, and which functions took the time? */

/** The fields of V8's format that are read here; see `Profiler.Profile` of the Chrome DevTools protocol. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds since some moment, as `endTime`. */
  readonly startTime: number;
  readonly endTime: number;
  /** The node each sample found on top, by id. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** Counted from 0; -1: none. */
    readonly lineNumber: number;
  };
}

export interface HotFunction {
  /** `(anonymous)` where it has none. */
  readonly name: string;
  /** URL or path as V8 knows it, empty for what is V8's own. */
  readonly url: string;
  /** Counted from 1; undefined: none. */
  readonly line: number | undefined;
  /** Of the whole time, without what it called, 0 … 1. */
  readonly share: number;
}

/** The functions that took the most time themselves, hottest first; the thread's idle time is none. */
export function hottest({ nodes, samples, timeDeltas }: CpuProfile, most: number): HotFunction[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const taken = new Map<string, { frame: ProfileNode['callFrame']; micros: number }>();
  let total = 0;
  for (const [index, node] of samples.entries()) {
    const frame = frames.get(node);
    // A delta is negative where the clocks of two samples disagree.
    const micros = Math.max(0, timeDeltas[index] ?? 0);
    total += micros;
    if (frame === undefined || isIdle(frame)) continue;
    const key = `${frame.functionName} ${frame.url}:${frame.lineNumber}`;
    const known = taken.get(key);
    if (known === undefined) taken.set(key, { frame, micros });
    else known.micros += micros;
  }
  return [...taken.values()]
    .toSorted((a, b) => b.micros - a.micros)
    .slice(0, most)
    .map(({ frame: { functionName, url, lineNumber }, micros }) => ({
      name: functionName === '' ? '(anonymous)' : functionName,
      url,
      line: lineNumber < 0 ? undefined : lineNumber + 1,
      share: total === 0 ? 0 : micros / total,
    }));
}

/** A worker without calls blocks in `Parking.sleep`, which the profiler takes for work. */
function isIdle({ functionName, url }: ProfileNode['callFrame']): boolean {
  return IDLE.has(functionName) || (functionName === 'sleep' && /\/shm\/parking\.[jt]s$/.test(url));
}

const IDLE: ReadonlySet<string> = new Set(['(idle)', '(root)']);
