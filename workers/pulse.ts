/** What a worker does ten times a second, whatever else it does: say what it holds, and notice how late it is. */
import { getHeapStatistics } from 'node:v8';
import type { SeatIndex } from '../src/core/brand.ts';
import type { MemoryReadings } from '../src/shm/memory-readings.ts';
import type { LeakWatch } from './leak-watch.ts';
import type { StallWatch } from './stall-watch.ts';

/** Milliseconds. */
const INTERVAL = 100;

export interface PulseParts {
  readonly seat: SeatIndex;
  readonly readings: MemoryReadings;
  readonly stalls: StallWatch;
  readonly leaks: LeakWatch;
}

/** Returns what stops it. It keeps no thread alive. */
export function startPulse({ seat, readings, stalls, leaks }: PulseParts): () => void {
  const beat = (): void => {
    // About a microsecond.
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
    readings.write(seat, heap, external);
    stalls.turned(INTERVAL);
    leaks.look();
  };
  const timer = setInterval(beat, INTERVAL).unref();
  return () => clearInterval(timer);
}
