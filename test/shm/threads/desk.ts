/** What the threads of threads.test.ts share beside the arena. */
import type { ArenaHandle } from '../../../src/shm/arena.ts';

/** Words of the desk; `mail` and `sweep` once for each front. */
export const DESK = {
  /** Grows with each message to that front: the doorbell's wire. */
  mail: (front: number): number => 2 * front,
  /** Seat + 1 of the dead consumer that front shall sweep, then 0 again. */
  sweep: (front: number): number => 2 * front + 1,
  /** 1: submit nothing more. */
  stop: 8,
} as const;

export const FRONTS = 2;

/**
 * How long a front waits for its messages, in ms, before it says that a wake-up or a ring was lost. Consumers
 * sleep on, so that none of them covers up for it.
 */
export const OVERSLEPT = 8000;
export const FOR_EVER = 60_000;

/**
 * steady    runs at full speed
 * mortal    abandons everything at some operation of the seam, tells so, and begins a new life when told
 * dawdling  loops before each operation, because a thread is terminated in loops, not between two statements
 */
export type Nature = 'steady' | 'mortal' | 'dawdling';

export interface ConsumerData {
  readonly handle: ArenaHandle;
  readonly desk: SharedArrayBuffer;
  readonly seat: number;
  readonly nature: Nature;
}

export interface ProducerData {
  readonly handle: ArenaHandle;
  readonly desk: SharedArrayBuffer;
  readonly front: number;
  /** Most messages. */
  readonly messages: number;
  /** Every so many messages one is withdrawn at once, if no consumer was faster. */
  readonly withdrawEvery: number;
}

/** How a producer's messages ended. */
export interface ProducerReport {
  readonly submitted: number;
  readonly answered: number;
  readonly failed: number;
  readonly withdrawn: number;
  /** Sleeps that nothing ended. */
  readonly overslept: number;
}

/** What a consumer makes of a message, so that a swapped answer shows. */
export function answerTo(front: number, sequence: number): number {
  return Math.imul(sequence ^ (front << 30), 0x9e3779b1);
}

export function ring(desk: Int32Array, front: number): void {
  Atomics.add(desk, DESK.mail(front), 1);
  Atomics.notify(desk, DESK.mail(front));
}
