/**
 * A client that gives up: its front takes the call back while consumers claim, and uses the slot again at
 * once, while consumers still hold what they read about the slot's last life. One consumer may die anywhere.
 *
 * Wanted, for every life of the slot: it ends in exactly one of refused, withdrawn, answered, taken back
 * from the dead; a withdrawn one was never claimed; none is claimed twice; the slot never gets stuck.
 */
import type { Generation, SeatIndex, SlotIndex } from '../../../src/core/brand.ts';
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import { EMPTY } from '../../../src/shm/ring.ts';
import { generationOf, PHASE, phaseOf } from '../../../src/shm/state-word.ts';
import type { Model, Rest, ThreadPlan } from '../../support/explorer-model.ts';
import type { Program } from '../../support/explorer-thread.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Parts } from './parts.ts';

type End = 'refused' | 'withdrawn' | 'answered' | 'reclaimed';
export type WithdrawalEvent = readonly [End | 'claimed', Generation];

export interface WithdrawalShape {
  readonly cells: number;
  /** How often the front uses its slot. */
  readonly lives: number;
  /** Most calls each consumer claims. */
  readonly consumers: readonly number[];
  /** Does the front withdraw each call, or wait for its answer? */
  readonly patience: 'gives up' | 'waits';
  /** Does the front drop withdrawn entries before it pushes? */
  readonly trims?: boolean;
  readonly mortal?: boolean;
}

const SLOT = 0 as SlotIndex;

export function withdrawalModel(parts: Parts, shape: WithdrawalShape): Model<WithdrawalEvent> {
  const plan = new MemoryPlan();
  const ringAt = plan.ring('ring', shape.cells);
  const slotsAt = plan.slots(1);
  const news = plan.word('news');
  const died = plan.word('died');
  const slotsOn = (seam: AtomicsSeam, words: Int32Array) => new parts.Slots(words, slotsAt, seam);
  const ringOn = (seam: AtomicsSeam, words: Int32Array) => new parts.Ring(words, ringAt, shape.cells, seam);
  const queueOn = (seam: AtomicsSeam, words: Int32Array, own = ringOn(seam, words)) =>
    new parts.SubmissionQueue(own, slotsOn(seam, words));
  const tellFront = (seam: AtomicsSeam, words: Int32Array): void => {
    seam.add(words, news, 1);
    seam.notify(words, news);
  };

  const front: Program<WithdrawalEvent> = ({ seam, words, emit, settle }) => {
    const slots = slotsOn(seam, words);
    const ring = ringOn(seam, words);
    const queue = queueOn(seam, words, ring);
    const untilEnded = (life: Generation): End => {
      for (;;) {
        settle(`waits ${life} ${ring.passed}`);
        const seen = seam.load(words, news);
        if (slots.release(SLOT) === 'released') return 'answered';
        const dead = (seam.load(words, died) - 1) as SeatIndex;
        if (dead >= 0 && slots.reclaim(SLOT, dead) === 'reclaimed') return 'reclaimed';
        seam.wait(words, news, seen);
      }
    };
    for (let life = 0 as Generation; life < shape.lives; life++) {
      settle(`pushes ${life} ${ring.passed}`);
      if (shape.trims === true) queue.trim((slot) => phaseOf(slots.state(slot)) === PHASE.QUEUED);
      const refused = queue.push(SLOT) === 'full';
      settle(`pushed ${life} ${refused} ${ring.passed}`);
      if (refused) emit(['refused', life]);
      else if (shape.patience === 'gives up' && slots.withdraw(SLOT) === 'withdrawn')
        emit(['withdrawn', life]);
      else emit([untilEnded(life), life]);
    }
  };
  const consumer =
    (seat: SeatIndex, most: number): Program<WithdrawalEvent> =>
    ({ seam, words, emit, settle }) => {
      const slots = slotsOn(seam, words);
      const queue = queueOn(seam, words);
      for (let claims = 0; claims < most; claims++) {
        settle(`claims ${claims}`);
        if (queue.claim(seat) === EMPTY) continue;
        settle(`claimed ${claims}`);
        emit(['claimed', generationOf(slots.state(SLOT))]);
        if (slots.commit(SLOT, seat) === 'revoked')
          throw new Error('a claim was revoked from a living thread');
        tellFront(seam, words);
      }
    };

  const threads: ThreadPlan<WithdrawalEvent>[] = shape.consumers.map((most, seat) => ({
    name: `consumer ${seat}`,
    program: consumer(seat as SeatIndex, most),
    ...(shape.mortal === true ? { death: { tells: died, rings: news } } : {}),
  }));
  threads.push({ name: 'front', program: front });

  const wrong = ({ memory, threads: ended }: Rest<WithdrawalEvent>): string | undefined => {
    const events = ended.flatMap((thread) => thread.events);
    // The front may wait for a call that consumers, limited here, have left in the queue.
    const open = ended.some(({ name, ending }) => name === 'front' && ending === 'asleep');
    const left = queueOn(Atomics, memory).claim(60 as SeatIndex);
    for (let life = 0; life < shape.lives; life++) {
      const ends = events.filter(([what, of]) => what !== 'claimed' && of === life).map(([what]) => what);
      const claims = events.filter(([what, of]) => what === 'claimed' && of === life).length;
      if (ends.length > 1) return `life ${life} ended as ${ends.join(' and ')}`;
      if (claims + (ends[0] === 'withdrawn' || ends[0] === 'refused' ? 1 : 0) > 1) {
        return `life ${life} was claimed ${claims} times and ended as ${ends[0]}`;
      }
      if (ends.length === 0 && !open) return `life ${life} has no end`;
    }
    if (open && left === EMPTY) return 'the front waits for a call nobody can find';
    return undefined;
  };
  return { memory: plan.memory(), threads, nameOf: plan.nameOf, check: wrong };
}
