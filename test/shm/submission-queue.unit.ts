import * as fc from 'fast-check';
import { test } from 'tap';
import type { Generation, SeatIndex, SlotIndex } from '../../src/core/brand.ts';
import { RING, SLOT_WORDS } from '../../src/shm/layout.ts';
import { EMPTY, Ring } from '../../src/shm/ring.ts';
import { Slots } from '../../src/shm/slots.ts';
import { generationOf, PHASE, phaseOf, seatOf } from '../../src/shm/state-word.ts';
import { SubmissionQueue } from '../../src/shm/submission-queue.ts';

const CELLS = 4;
const SLOTS = 3;
const SEATS = 2;
const GENERATIONS = 2 ** 21;

/** One slot in plain words. */
interface PlainSlot {
  phase: number;
  seat: number;
  generation: number;
  cancelled: number | undefined;
}

interface World {
  readonly real: { readonly slots: Slots; readonly queue: SubmissionQueue };
  readonly plain: { readonly slots: PlainSlot[]; readonly entries: number[] };
}

function same(real: unknown, wanted: unknown): void {
  if (real !== wanted) throw new Error(`${real}, not ${wanted}`);
}

function end(slot: PlainSlot): void {
  slot.phase = PHASE.FREE;
  slot.seat = 0;
  slot.generation = (slot.generation + 1) % GENERATIONS;
}

type Action = (world: World, slot: SlotIndex, plain: PlainSlot, seat: SeatIndex) => void;

const ACTIONS: Readonly<Record<string, Action>> = {
  push({ real, plain: { entries } }, slot, plain) {
    // Only the owner of a FREE slot may.
    if (plain.phase !== PHASE.FREE) return;
    plain.cancelled = undefined;
    same(real.queue.push(slot), entries.length === CELLS ? 'full' : 'pushed');
    if (entries.length === CELLS) end(plain);
    else {
      entries.push(slot);
      plain.phase = PHASE.QUEUED;
    }
  },
  withdraw({ real }, slot, plain) {
    // A front asks only while it waits for the call.
    if (plain.phase === PHASE.FREE) return;
    same(real.slots.withdraw(slot), plain.phase === PHASE.QUEUED ? 'withdrawn' : 'started');
    if (plain.phase === PHASE.QUEUED) end(plain);
  },
  claim({ real, plain: { slots, entries } }, _slot, _plain, seat) {
    let wanted: number = EMPTY;
    while (wanted === EMPTY && entries.length > 0) {
      const entry = entries.shift() ?? EMPTY;
      const of = slots[entry];
      if (of?.phase !== PHASE.QUEUED) continue;
      of.phase = PHASE.CLAIMED;
      of.seat = seat;
      wanted = entry;
    }
    same(real.queue.claim(seat), wanted);
  },
  commit({ real }, slot, plain, seat) {
    const holds = plain.phase === PHASE.CLAIMED && plain.seat === seat;
    same(real.slots.commit(slot, seat), holds ? 'committed' : 'revoked');
    if (holds) plain.phase = PHASE.DONE;
  },
  reclaim({ real }, slot, plain, seat) {
    const holds = plain.phase === PHASE.CLAIMED && plain.seat === seat;
    same(real.slots.reclaim(slot, seat), holds ? 'reclaimed' : 'not-held');
    if (holds) end(plain);
  },
  release({ real }, slot, plain) {
    const isDone = plain.phase === PHASE.DONE;
    same(real.slots.release(slot), isDone ? 'released' : 'not-done');
    if (isDone) end(plain);
  },
  cancel({ real }, slot, plain) {
    if (plain.phase !== PHASE.CLAIMED) return;
    real.slots.cancel(slot, plain.generation as Generation);
    plain.cancelled = plain.generation;
  },
  trim({ real, plain: { slots, entries } }) {
    real.queue.trim((slot) => phaseOf(real.slots.state(slot)) === PHASE.QUEUED);
    while (entries.length > 0 && slots[entries[0] ?? 0]?.phase !== PHASE.QUEUED) entries.shift();
  },
};

function compare({ real, plain }: World): void {
  for (const [index, { phase, seat, generation, cancelled }] of plain.slots.entries()) {
    const slot = index as SlotIndex;
    const word = real.slots.state(slot);
    same(phaseOf(word), phase);
    same(seatOf(word), seat);
    same(generationOf(word), generation);
    same(real.slots.isCancelled(slot), cancelled === generation);
  }
  same(real.queue.depth(), plain.entries.length);
  same(real.queue.isEmpty(), plain.entries.length === 0);
}

test('queue and slots do what a plain list of slots does', (t) => {
  const action = fc.record({
    name: fc.constantFrom(...Object.keys(ACTIONS)),
    slot: fc.nat(SLOTS - 1),
    seat: fc.nat(SEATS - 1),
  });
  const firstGeneration = fc.constantFrom(0, GENERATIONS - 2, GENERATIONS / 2 - 2);
  fc.assert(
    fc.property(firstGeneration, fc.array(action, { maxLength: 120 }), (generation, actions) => {
      const words = new Int32Array(RING.cells + CELLS + SLOTS * SLOT_WORDS);
      const slots = new Slots(words, RING.cells + CELLS, Atomics);
      const plainSlots: PlainSlot[] = [];
      for (let slot = 0; slot < SLOTS; slot++) {
        words[RING.cells + CELLS + slot * SLOT_WORDS] = generation << 11;
        plainSlots.push({ phase: PHASE.FREE, seat: 0, generation, cancelled: undefined });
      }
      const queue = new SubmissionQueue(new Ring(words, 0, CELLS, Atomics), slots);
      const world: World = { real: { slots, queue }, plain: { slots: plainSlots, entries: [] } };
      for (const { name, slot, seat } of actions) {
        const plain = plainSlots[slot];
        if (plain !== undefined) ACTIONS[name]?.(world, slot as SlotIndex, plain, seat as SeatIndex);
        compare(world);
      }
    }),
    { numRuns: 1000 },
  );
  t.pass();
  t.end();
});

test('a cancellation is forgotten when generations have come round', (t) => {
  const words = new Int32Array(SLOT_WORDS);
  const slots = new Slots(words, 0, Atomics);
  const [slot, seat] = [0 as SlotIndex, 1 as SeatIndex];
  const live = (): Generation => {
    const generation = slots.submit(slot);
    t.equal(slots.claim(slot, seat), 'claimed');
    return generation;
  };
  slots.cancel(slot, live());
  t.ok(slots.isCancelled(slot));
  t.equal(slots.commit(slot, seat), 'committed');
  t.equal(slots.release(slot), 'released');
  // 2^21 - 1 lives later.
  words[0] = 0;
  t.equal(live(), 0);
  t.notOk(slots.isCancelled(slot));
  t.end();
});
