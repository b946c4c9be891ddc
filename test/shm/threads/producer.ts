/** A front: submits numbered messages, takes the answers, and sweeps what a dead consumer left behind. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BlockIndex, FrontIndex, SeatIndex, SlotIndex } from '../../../src/core/brand.ts';
import { attachArena } from '../../../src/shm/arena.ts';
import { SLOT } from '../../../src/shm/layout.ts';
import { EMPTY } from '../../../src/shm/ring.ts';
import { frontHolder, NO_BLOCK } from '../../../src/shm/slab.ts';
import { PHASE, phaseOf, seatOf } from '../../../src/shm/state-word.ts';
import { answerTo, DESK, OVERSLEPT, type ProducerData, type ProducerReport } from './desk.ts';

/** Looks for answers before sleeping. */
const SPINS = 200;

const data: ProducerData = workerData;
const front = data.front as FrontIndex;
const arena = attachArena(data.handle);
const desk = new Int32Array(data.desk);
const { slots, shape } = arena;
const { submissions, parking } = arena.common;
const completions = arena.completions(front);
const bell = arena.doorbell(front);
const slab = arena.slab(frontHolder(front));
const first = front * shape.slotsPerFront;

const free = Array.from({ length: shape.slotsPerFront }, (_, index) => (first + index) as SlotIndex);
/** The message each used slot carries. */
const carries = new Map<SlotIndex, number>();
/** Answers to each message. */
const answers = new Uint8Array(data.messages);
/** By seat: the thread and the number of its newest answer. */
const newest: { life: number; pushed: number }[] = [];
const count = { submitted: 0, answered: 0, failed: 0, withdrawn: 0, overslept: 0 };
let next = 0;
/** Messages there will be. */
let last = data.messages;

function end(slot: SlotIndex, how: 'answered' | 'failed' | 'withdrawn'): void {
  const sequence = carries.get(slot);
  if (sequence === undefined) throw new Error(`slot ${slot} ended twice`);
  carries.delete(slot);
  free.push(slot);
  answers[sequence] = (answers[sequence] ?? 0) + 1;
  count[how]++;
}

function deliver(slot: SlotIndex): void {
  const sequence = carries.get(slot);
  if (sequence === undefined) throw new Error(`an answer in slot ${slot}, which waits for none`);
  const block = slots.field(slot, SLOT.replyBlock) as BlockIndex;
  const answer =
    block === NO_BLOCK ? slots.field(slot, SLOT.replyLength) : arena.bytes.readInt32LE(slab.offset(block));
  if (answer !== answerTo(front, sequence)) throw new Error(`message ${sequence} got another one's answer`);
  if (block !== NO_BLOCK) slab.give(block);
  if (slots.release(slot) !== 'released') throw new Error(`slot ${slot} was announced but is not DONE`);
  end(slot, 'answered');
}

/** One consumer's answers come in the order it gave them. */
function checkOrder(slot: SlotIndex): void {
  const seat = seatOf(slots.state(slot));
  const now = { life: slots.field(slot, SLOT.claimedAt), pushed: slots.field(slot, SLOT.status) };
  const before = newest[seat] ?? { life: -1, pushed: -1 };
  const wanted = now.life === before.life ? before.pushed + 1 : 0;
  if (now.life < before.life || now.pushed !== wanted) {
    throw new Error(`answer ${now.life}.${now.pushed} of seat ${seat} after ${before.life}.${before.pushed}`);
  }
  newest[seat] = now;
}

function pump(): void {
  for (let slot = completions.pop(); slot !== EMPTY; slot = completions.pop()) {
    checkOrder(slot);
    deliver(slot);
  }
}

function sweep(seat: SeatIndex): void {
  pump();
  for (let slot = first as SlotIndex; slot < first + shape.slotsPerFront; slot++) {
    const word = slots.state(slot);
    if (phaseOf(word) === PHASE.DONE && seatOf(word) === seat) deliver(slot);
    else if (slots.reclaim(slot, seat) === 'reclaimed') end(slot, 'failed');
  }
  Atomics.store(desk, DESK.sweep(front), 0);
  parentPort?.postMessage('swept');
}

function submit(): void {
  while (next < last) {
    const slot = free.pop();
    if (slot === undefined) return;
    slots.setField(slot, SLOT.sequence, next);
    if (submissions.push(slot) === 'full') {
      free.push(slot);
      submissions.trim((other) => phaseOf(slots.state(other)) === PHASE.QUEUED);
      return;
    }
    carries.set(slot, next++);
    if (!parking.anyAttentive()) parking.wakeOne();
    if (next % data.withdrawEvery === 0 && slots.withdraw(slot) === 'withdrawn') end(slot, 'withdrawn');
  }
}

function isQuiet(): boolean {
  for (let look = 0; look < SPINS; look++) if (!completions.isEmpty()) return false;
  return true;
}

for (let read = 0; ; ) {
  pump();
  const dead = Atomics.load(desk, DESK.sweep(front));
  if (dead !== 0) sweep((dead - 1) as SeatIndex);
  if (Atomics.load(desk, DESK.stop) !== 0) last = next;
  submit();
  if (next === last && carries.size === 0) break;
  if (!isQuiet()) continue;
  bell.fallAsleep();
  const nothing = completions.isEmpty() && (free.length === 0 || next === last);
  if (nothing && Atomics.wait(desk, DESK.mail(front), read, OVERSLEPT) === 'timed-out') count.overslept++;
  read = Atomics.load(desk, DESK.mail(front));
  bell.wakeUp();
}
for (const [sequence, times] of answers.subarray(0, last).entries()) {
  if (times !== 1) throw new Error(`message ${sequence} has ${times} answers`);
}
count.submitted = last;
parentPort?.postMessage(count satisfies ProducerReport);
// Deaths after the last answer are still to be swept.
parentPort?.on('message', () => {
  const dead = Atomics.load(desk, DESK.sweep(front));
  if (dead !== 0) sweep((dead - 1) as SeatIndex);
});
