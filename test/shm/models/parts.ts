/**
 * The classes a model is built from: the real ones, or those of a mutated copy of src/shm
 * (mutants.ts), so that each model also shows that it would notice a mistake.
 */
import { CompletionQueue } from '../../../src/shm/completion-queue.ts';
import { Doorbell } from '../../../src/shm/doorbell.ts';
import { Parking } from '../../../src/shm/parking.ts';
import { Ring } from '../../../src/shm/ring.ts';
import { Slab } from '../../../src/shm/slab.ts';
import { Slots } from '../../../src/shm/slots.ts';
import { SubmissionQueue } from '../../../src/shm/submission-queue.ts';

export interface Parts {
  readonly CompletionQueue: typeof CompletionQueue;
  readonly Doorbell: typeof Doorbell;
  readonly Parking: typeof Parking;
  readonly Ring: typeof Ring;
  readonly Slab: typeof Slab;
  readonly Slots: typeof Slots;
  readonly SubmissionQueue: typeof SubmissionQueue;
}

export const REAL: Parts = { CompletionQueue, Doorbell, Parking, Ring, Slab, Slots, SubmissionQueue };
