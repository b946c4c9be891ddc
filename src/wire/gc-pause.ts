/** A garbage collection as the runtime tells of it, and as it is kept. */
import { constants, type PerformanceEntry } from 'node:perf_hooks';
import type { Clock } from '../core/clock.ts';
import type { Pause } from '../shm/pauses.ts';

/** `clock`: of the thread that was stopped. */
export function gcPause(entry: PerformanceEntry, clock: Clock): Pause {
  const isFull = kindOf(entry) === constants.NODE_PERFORMANCE_GC_MAJOR;
  return {
    kind: isFull ? 'gc-full' : 'gc-young',
    begin: clock.at(entry.startTime),
    duration: entry.duration,
    tool: undefined,
  };
}

function kindOf(entry: PerformanceEntry): unknown {
  const detail = 'detail' in entry ? entry.detail : undefined;
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : undefined;
}
