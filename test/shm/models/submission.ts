/**
 * The submission queue: producers put slots in, consumers claim them, one thread may die anywhere, a
 * supervisor then takes back what a dead consumer had claimed.
 *
 * Wanted, for every call that was submitted: it is claimed by one living consumer, or taken back once, or
 * refused as 'full', or still there for the next consumer; exactly one of these.
 */
import type { SeatIndex, SlotIndex } from '../../../src/core/brand.ts';
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import { EMPTY } from '../../../src/shm/ring.ts';
import { PHASE, phaseOf } from '../../../src/shm/state-word.ts';
import type { Model, ThreadAtRest, ThreadPlan } from '../../support/explorer-model.ts';
import type { Program } from '../../support/explorer-thread.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Parts } from './parts.ts';

export type SubmissionEvent = readonly [
  'pushed' | 'refused' | 'claimed' | 'found nothing' | 'reclaimed',
  SlotIndex,
];

const NO_SLOT = -1 as SlotIndex;

export interface SubmissionShape {
  readonly cells: number;
  /** Calls of each producer; each has a slot of its own. */
  readonly producers: readonly number[];
  /** Most calls each consumer claims. */
  readonly consumers: readonly number[];
  readonly mortal: 'nobody' | 'consumers' | 'producers';
  /** Entries that have been through the ring before: where head and tail stand. */
  readonly start?: number;
  /** Calls in the queue at the start. If there are enough for all consumers, none may find nothing. */
  readonly waiting?: number;
  /** One more thread drops entries from the head whose slots do not wait. */
  readonly trims?: boolean;
}

export function submissionModel(parts: Parts, shape: SubmissionShape): Model<SubmissionEvent> {
  const plan = new MemoryPlan();
  const ringAt = plan.ring('ring', shape.cells);
  const waiting = shape.waiting ?? 0;
  const calls = shape.producers.reduce((sum, own) => sum + own, waiting);
  const slotsAt = plan.slots(calls);
  const consumerDied = plan.word('consumer died');
  const producerDied = plan.word('producer died');
  const mustFind = shape.consumers.reduce((sum, most) => sum + most, 0) <= waiting;
  const slotsOn = (seam: AtomicsSeam, words: Int32Array) => new parts.Slots(words, slotsAt, seam);
  const ringOn = (seam: AtomicsSeam, words: Int32Array) => new parts.Ring(words, ringAt, shape.cells, seam);
  const queueOn = (seam: AtomicsSeam, words: Int32Array, own = ringOn(seam, words)) =>
    new parts.SubmissionQueue(own, slotsOn(seam, words));

  const producer =
    (first: number, own: number): Program<SubmissionEvent> =>
    ({ seam, words, emit, settle }) => {
      const ring = ringOn(seam, words);
      const queue = queueOn(seam, words, ring);
      for (let slot = first as SlotIndex; slot < first + own; slot++) {
        emit([queue.push(slot as SlotIndex) === 'pushed' ? 'pushed' : 'refused', slot as SlotIndex]);
        settle(`${ring.passed}`);
      }
    };
  const consumer =
    (seat: SeatIndex, most: number): Program<SubmissionEvent> =>
    ({ seam, words, emit, settle }) => {
      const queue = queueOn(seam, words);
      for (let claims = 0; claims < most; claims++) {
        const slot = queue.claim(seat);
        if (slot !== EMPTY) emit(['claimed', slot]);
        else if (mustFind) emit(['found nothing', NO_SLOT]);
        settle(`${claims}`);
      }
    };
  const supervisor: Program<SubmissionEvent> = ({ seam, words, emit, settle }) => {
    seam.wait(words, consumerDied, 0);
    const seat = (seam.load(words, consumerDied) - 1) as SeatIndex;
    settle(`${seat}`);
    const all = slotsOn(seam, words);
    for (let slot = 0 as SlotIndex; slot < calls; slot++) {
      if (all.reclaim(slot, seat) === 'reclaimed') emit(['reclaimed', slot]);
    }
  };

  const trimmer: Program<SubmissionEvent> = ({ seam, words }) => {
    const slots = slotsOn(seam, words);
    queueOn(seam, words).trim((slot) => phaseOf(slots.state(slot)) === PHASE.QUEUED);
  };

  const threads: ThreadPlan<SubmissionEvent>[] = [];
  // Consumers first, so that a consumer's seat is its number among the threads.
  for (const [seat, most] of shape.consumers.entries()) {
    threads.push({
      name: `consumer ${seat}`,
      program: consumer(seat as SeatIndex, most),
      ...(shape.mortal === 'consumers' ? { death: { tells: consumerDied } } : {}),
    });
  }
  let first = waiting;
  for (const [index, own] of shape.producers.entries()) {
    threads.push({
      name: `producer ${index}`,
      program: producer(first, own),
      ...(shape.mortal === 'producers' ? { death: { tells: producerDied } } : {}),
    });
    first += own;
  }
  if (shape.trims === true) threads.push({ name: 'trimmer', program: trimmer });
  if (shape.mortal === 'consumers') threads.push({ name: 'supervisor', program: supervisor });

  const memory = plan.memory();
  const passed = ringOn(Atomics, memory);
  for (let position = 0; position < (shape.start ?? 0); position++) {
    passed.offer(0);
    passed.peek();
    passed.pass();
  }
  const queue = queueOn(Atomics, memory);
  for (let slot = 0 as SlotIndex; slot < waiting; slot++) queue.push(slot);

  return {
    memory,
    threads,
    nameOf: plan.nameOf,
    check: (rest) => {
      const left: SlotIndex[] = [];
      const rested = queueOn(Atomics, rest.memory);
      const nobody = 60 as SeatIndex;
      for (let slot = rested.claim(nobody); slot !== EMPTY; slot = rested.claim(nobody)) left.push(slot);
      return wrong(rest.threads, left, calls);
    },
  };
}

function wrong(threads: readonly ThreadAtRest<SubmissionEvent>[], left: readonly SlotIndex[], calls: number) {
  const living = threads.filter(({ ending }) => ending !== 'dead').flatMap(({ events }) => events);
  const dead = threads.filter(({ ending }) => ending === 'dead').flatMap(({ events }) => events);
  if (living.some(([what]) => what === 'found nothing'))
    return 'a consumer found nothing although calls waited';
  const producerDied = threads.some(({ name, ending }) => name.startsWith('producer') && ending === 'dead');
  for (let slot = 0 as SlotIndex; slot < calls; slot++) {
    const count = (events: readonly SubmissionEvent[], what: SubmissionEvent[0]): number =>
      events.filter(([kind, of]) => kind === what && of === slot).length;
    const stillThere = left.filter((other) => other === slot).length;
    const refused = count(living, 'refused') + count(dead, 'refused');
    const reclaimed = count(living, 'reclaimed');
    const ends = count(living, 'claimed') + reclaimed + refused + stillThere;
    // Nobody waits for the call a dead producer was about to push; whoever works on it still must be one.
    const submitted = !producerDied || count(living, 'pushed') + count(dead, 'pushed') + refused > 0;
    if (ends > 1 || (submitted && ends === 0)) return `call ${slot} has ${ends} ends`;
    if (count(dead, 'claimed') > reclaimed) return `call ${slot} of the dead consumer was not taken back`;
  }
  return undefined;
}
