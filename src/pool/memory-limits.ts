/**
 * How much memory a worker may hold, and what happens past that.
 *
 * Past a limit the worker is recycled as in a reload: a replacement first, then it finishes what it has, and nothing is
 * lost; the reading may even be garbage that would have gone by itself. One that grows on regardless is ended at once,
 * and its calls with it.
 */
import type { SeatIndex } from '../core/brand.ts';

const MIB = 2 ** 20;

/** How much heap past its limit ends a worker at once, in MiB. */
const HEAP_GRACE = 128;
/**
 * How much more heap than that the engine gives the thread, in MiB. The engine's own limit is no safe end: code that
 * reaches it while it allocates large arrays takes the whole process along. This is what such code can take between two
 * looks, so that the thread is gone before.
 */
const HEADROOM = 384;

export interface MemoryLimits {
  /** Heap of one worker, in MiB. */
  readonly heapMb: number;
  /** Young generation of one worker, in MiB. */
  readonly youngMb: number;
  /** Heap and Buffers of one worker, in MiB. */
  readonly workerMb: number;
  /** Resident memory of the process, in MiB. */
  readonly processMb: number;
}

/** Bytes. */
export interface MemoryReading {
  readonly heap: number;
  /** Buffers and what else hangs on JavaScript objects. */
  readonly external: number;
}

/** Why a worker is exchanged although it serves. */
export type RecycleReason = 'heap' | 'memory' | 'process';

export type MemoryVerdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'recycle'; readonly reason: RecycleReason }
  | { readonly kind: 'terminate'; readonly reason: string };

const FINE: MemoryVerdict = { kind: 'fine' };

/** What becomes of a worker that holds so much. */
export function judgeMemory({ heap, external }: MemoryReading, limits: MemoryLimits): MemoryVerdict {
  const { heapMb, workerMb } = limits;
  if (heap > (heapMb + HEAP_GRACE) * MIB) {
    return {
      kind: 'terminate',
      reason: `out of memory: ${inMib(heap)} of heap, the limit is ${heapMb} MiB`,
    };
  }
  if (heap + external > 2 * workerMb * MIB) {
    const all = inMib(heap + external);
    return {
      kind: 'terminate',
      reason: `out of memory: ${all} of heap and Buffers, the limit is ${workerMb} MiB`,
    };
  }
  if (heap > heapMb * MIB) return { kind: 'recycle', reason: 'heap' };
  if (heap + external > workerMb * MIB) return { kind: 'recycle', reason: 'memory' };
  return FINE;
}

/** What the engine is told when a thread starts. */
export function engineLimits({ heapMb, youngMb }: MemoryLimits): {
  readonly maxOldGenerationSizeMb: number;
  readonly maxYoungGenerationSizeMb: number;
} {
  return {
    maxOldGenerationSizeMb: heapMb + HEAP_GRACE + HEADROOM,
    maxYoungGenerationSizeMb: youngMb,
  };
}

/** Who held how much, for the log. */
export function shares(
  readings: readonly { readonly seat: SeatIndex; readonly memory: MemoryReading | undefined }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readings.map(({ seat, memory }) => [
      `worker-${seat}`,
      memory === undefined
        ? 'unknown'
        : `${inMib(memory.heap)} of heap, ${inMib(memory.external)} of Buffers`,
    ]),
  );
}

export function inMib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
