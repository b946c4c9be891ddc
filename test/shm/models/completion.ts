/**
 * Replies on their way back: workers commit, push and ring, one may die between any two steps; the front
 * delivers, sleeps, and after an exit drains the queue and sweeps what the dead worker had.
 *
 * Wanted: each call is delivered or failed exactly once, and the front never sleeps for ever.
 */
import type { SeatIndex, SlotIndex } from '../../../src/core/brand.ts';
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import { SLOT_WORDS } from '../../../src/shm/layout.ts';
import { EMPTY } from '../../../src/shm/ring.ts';
import { claimed, PHASE, phaseOf, seatOf } from '../../../src/shm/state-word.ts';
import type { Model, ThreadPlan } from '../../support/explorer-model.ts';
import type { Program } from '../../support/explorer-thread.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Parts } from './parts.ts';

export type CompletionEvent = readonly ['delivered' | 'failed' | 'duplicate', SlotIndex];

export interface CompletionShape {
  readonly cells: number;
  /** Calls each worker has claimed and now finishes. */
  readonly workers: readonly number[];
  readonly mortal?: boolean;
  /** After a death the front does not say asleep again, to show that it must. */
  readonly omitsAsleep?: boolean;
}

export function completionModel(parts: Parts, shape: CompletionShape): Model<CompletionEvent> {
  const plan = new MemoryPlan();
  const ringAt = plan.ring('ring', shape.cells);
  const calls = shape.workers.reduce((sum, own) => sum + own, 0);
  const slotsAt = plan.slots(calls);
  const bellAt = plan.word('bell');
  const mail = plan.word('mail');
  const died = plan.word('died');
  const slotsOn = (seam: AtomicsSeam, words: Int32Array) => new parts.Slots(words, slotsAt, seam);
  const ringOn = (seam: AtomicsSeam, words: Int32Array) => new parts.Ring(words, ringAt, shape.cells, seam);
  const post = (seam: AtomicsSeam, words: Int32Array): void => {
    seam.add(words, mail, 1);
    seam.notify(words, mail);
  };

  const worker =
    (seat: SeatIndex, first: number, own: number): Program<CompletionEvent> =>
    ({ seam, words, settle }) => {
      const slots = slotsOn(seam, words);
      const ring = ringOn(seam, words);
      const queue = new parts.CompletionQueue(ring);
      const bell = new parts.Doorbell(words, bellAt, seam);
      for (let slot = first as SlotIndex; slot < first + own; slot++) {
        settle(`commits ${slot} ${ring.passed}`);
        if (slots.commit(slot, seat) === 'revoked')
          throw new Error('a claim was revoked from a living thread');
        settle(`pushes ${slot} ${ring.passed}`);
        queue.push(slot);
        settle(`rings for ${slot} ${ring.passed}`);
        if (bell.mustRing()) post(seam, words);
      }
    };
  const front: Program<CompletionEvent> = ({ seam, words, emit, settle }) => {
    const slots = slotsOn(seam, words);
    const queue = new parts.CompletionQueue(ringOn(seam, words));
    const bell = new parts.Doorbell(words, bellAt, seam);
    let answered = 0;
    let read = 0;
    let dead = 0;
    let swept = false;
    let rung = true;
    const omits = shape.omitsAsleep === true;
    const at = (place: string): void => settle(`${place} ${read} ${dead} ${swept} ${rung}`);
    const deliver = (slot: SlotIndex): void => {
      const released = slots.release(slot) === 'released';
      emit([released ? 'delivered' : 'duplicate', slot]);
      answered++;
    };
    const pump = (): void => {
      at('pops');
      for (let slot = queue.pop(); slot !== EMPTY; slot = queue.pop()) {
        at(`delivers ${slot}`);
        deliver(slot);
        at('pops');
      }
    };
    const sweep = (seat: SeatIndex): void => {
      for (let slot = 0 as SlotIndex; slot < calls; slot++) {
        at(`sweeps ${slot}`);
        const word = slots.state(slot);
        if (phaseOf(word) === PHASE.DONE && seatOf(word) === seat) deliver(slot);
        else if (slots.reclaim(slot, seat) === 'reclaimed') {
          emit(['failed', slot]);
          answered++;
        }
      }
    };
    for (;;) {
      pump();
      if (dead !== 0 && !swept) {
        swept = true;
        sweep((dead - 1) as SeatIndex);
      }
      if (answered === calls) return;
      if (rung) bell.fallAsleep();
      at('looks once more');
      const empty = queue.isEmpty();
      if (empty) {
        at('sleeps');
        seam.wait(words, mail, read);
      }
      const before = read;
      if (empty || omits) read = seam.load(words, mail);
      at(omits ? `wakes up ${before}` : 'wakes up');
      if (!omits) bell.wakeUp();
      const known = dead;
      if (shape.mortal === true && dead === 0) dead = seam.load(words, died);
      // A death's own news is no ring.
      rung = !omits || read - before > (dead === known ? 0 : 1);
    }
  };

  const memory = plan.memory();
  const threads: ThreadPlan<CompletionEvent>[] = [];
  let first = 0;
  for (const [index, own] of shape.workers.entries()) {
    const seat = index as SeatIndex;
    for (let slot = first; slot < first + own; slot++) memory[slotsAt + slot * SLOT_WORDS] = claimed(0, seat);
    threads.push({
      name: `worker ${index}`,
      program: worker(seat, first, own),
      ...(shape.mortal === true ? { death: { tells: died, rings: mail } } : {}),
    });
    first += own;
  }
  threads.push({ name: 'front', program: front });

  return {
    memory,
    threads,
    nameOf: plan.nameOf,
    check: ({ threads: ended }) => {
      const events = ended.find(({ name }) => name === 'front')?.events ?? [];
      for (let slot = 0; slot < calls; slot++) {
        const answers = events.filter(([, of]) => of === slot).map(([what]) => what);
        if (answers.length !== 1 || answers[0] === 'duplicate')
          return `call ${slot}: ${answers.join(', ') || 'no answer'}`;
      }
      return undefined;
    },
  };
}
