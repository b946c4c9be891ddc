/** Whether memory grows without end, judged by the curve of a run. */
import { slopeOf } from '../report/trend.ts';

export interface MemoryReading {
  /** Since the start of the run. */
  readonly minutes: number;
  readonly residentMB: number;
}

export type MemoryVerdict =
  | {
      readonly kind: 'fine' | 'grows';
      readonly perMinuteMB: number;
      /** Twice the standard error: by so much the ups and downs of the run may have moved it. */
      readonly uncertaintyMB: number;
    }
  | { readonly kind: 'too short to judge' };

/** MiB per minute; a roll a second and the bound of 20 MiB for 500 rolls make 2.4. */
export const growthLimit = 2.5;
/** Over shorter times the ups and downs between collections look like growth. */
const enoughMinutes = 3;
/** This part of the run is warm-up: code is compiled, the heap finds its size. */
const usualWarmup = 1 / 3;

export function judgeMemory(readings: readonly MemoryReading[], warmupShare = usualWarmup): MemoryVerdict {
  const end = readings.at(-1)?.minutes ?? 0;
  const judged = readings.filter(({ minutes }) => minutes >= end * warmupShare);
  if (end * (1 - warmupShare) < enoughMinutes) return { kind: 'too short to judge' };
  const { rise, error } = slopeOf(judged.map(({ minutes, residentMB }) => [minutes, residentMB] as const));
  const uncertaintyMB = 2 * error;
  return { kind: rise - uncertaintyMB > growthLimit ? 'grows' : 'fine', perMinuteMB: rise, uncertaintyMB };
}
