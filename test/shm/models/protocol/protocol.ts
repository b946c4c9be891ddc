/**
 * The whole protocol of a call, from `submit` to the answer: the real Dispatcher, the real Runner and everything in
 * shared memory between them, with clients that leave, deadlines that pass and workers that die at any moment.
 *
 * Wanted, whatever the order: each call has one answer, its own, or none because its client had left; it runs once, if
 * idempotent once more after a death, and never after it was taken back; nobody touches a slot's fields but their
 * owner; and in the end everybody sleeps, no call waits, and every slot and block is free.
 */
import type { SeatIndex, SlotIndex } from '../../../../src/core/brand.ts';
import { SLOT } from '../../../../src/shm/layout.ts';
import { frontHolder } from '../../../../src/shm/slab.ts';
import { PHASE, phaseOf } from '../../../../src/shm/state-word.ts';
import type { Model, Rest, ThreadPlan } from '../../../support/explorer-model.ts';
import type { Program } from '../../../support/explorer-thread.ts';
import { frontThread, IDLE, LATE } from './front-thread.ts';
import { MAIL, NEWS, ProtocolMemory } from './protocol-memory.ts';
import type { ProtocolEvent, ProtocolParts, ProtocolShape } from './protocol-shape.ts';
import { workerThread } from './worker-thread.ts';

const FRONT = 'front';

type Thread = ThreadPlan<ProtocolEvent>;

export function protocolModel(parts: ProtocolParts, shape: ProtocolShape): Model<ProtocolEvent> {
  const memory = new ProtocolMemory(shape);
  const tell = (what: number): Program<ProtocolEvent> => news(memory.inbox, what);
  // Workers first: a death tells the number of its thread, and that is to be the seat.
  const threads: Thread[] = [];
  for (let seat = 0 as SeatIndex; seat < shape.workers; seat++) {
    threads.push({
      name: `worker ${seat}`,
      program: workerThread(parts, shape, memory, seat),
      ...(shape.mortal === true ? { death: { tells: memory.died, rings: memory.inbox } } : {}),
    });
  }
  threads.push({ name: FRONT, program: frontThread(parts, shape, memory) });
  if (shape.mortal === true) {
    threads.push({ name: 'successor', program: workerThread(parts, shape, memory, undefined) });
  }
  if (shape.leaves !== undefined) threads.push({ name: 'client', program: tell(NEWS.left) });
  if (shape.deadlinePasses === true) threads.push({ name: 'clock', program: passing(memory) });
  if (shape.calls.includes('awaits')) threads.push({ name: 'outside', program: outside(memory) });
  if (shape.givesUpTooEarly === true) threads.push({ name: 'supervisor', program: giveUp(memory) });
  return {
    memory: memory.words(),
    threads,
    nameOf: memory.nameOf,
    operations: 1000,
    check: (rest) => wrong(parts, shape, memory, rest),
  };
}

/** The death of a worker is told by adding `NEWS.died`, all others by setting their bit. */
function news(inbox: number, what: number): Program<ProtocolEvent> {
  return ({ seam, words, oneStep }) =>
    oneStep(() => {
      seam.or(words, inbox, what);
      seam.notify(words, inbox);
    });
}

function passing({ time, inbox }: ProtocolMemory): Program<ProtocolEvent> {
  return (hands) => {
    hands.seam.store(hands.words, time, LATE);
    news(inbox, NEWS.tick)(hands);
  };
}

/** What a call awaits comes about. Once is enough: it settles every call its worker has started. */
function outside({ awaited, mail }: ProtocolMemory): Program<ProtocolEvent> {
  return ({ seam, words, oneStep }) => {
    seam.wait(words, awaited, 0);
    const at = mail[seam.load(words, awaited) - 1] ?? 0;
    oneStep(() => {
      seam.or(words, at, MAIL.settled);
      seam.notify(words, at);
    });
  };
}

/** Says of worker 0 that its thread has ended while it works on a call. */
function giveUp({ died, inbox, slots }: ProtocolMemory): Program<ProtocolEvent> {
  return (hands) => {
    if (phaseOf(hands.seam.load(hands.words, slots + SLOT.state)) !== PHASE.CLAIMED) return;
    hands.seam.store(hands.words, died, 1);
    news(inbox, NEWS.died)(hands);
  };
}

function wrong(
  parts: ProtocolParts,
  shape: ProtocolShape,
  memory: ProtocolMemory,
  { memory: words, threads }: Rest<ProtocolEvent>,
): string | undefined {
  const events = threads.flatMap((thread) => thread.events);
  const died = shape.givesUpTooEarly === true || threads.some(({ ending }) => ending === 'dead');
  for (const [index, kind] of shape.calls.entries()) {
    const n = index + 1;
    const own = events.filter((event) => event.n === n);
    const count = (did: ProtocolEvent['did']): number => own.filter((event) => event.did === did).length;
    const ends = count('replied') + count('failed') + count('left') + count('refused');
    if (ends !== 1) return `call ${n} has ${ends} ends`;
    const runs = count('ran');
    if (runs > (kind === 'idempotent' && died ? 2 : 1)) return `call ${n} ran ${runs} times`;
    if (count('replied') === 1 && runs === 0 && shape.deadlinePasses !== true) {
      return `call ${n} was answered and never ran`;
    }
    const failures = own.flatMap((event) => (event.did === 'failed' ? [event.code] : []));
    const allowed = new Set([
      ...(died && kind !== 'idempotent' ? ['WORKER_DIED'] : []),
      ...(shape.deadlinePasses === true ? ['DEADLINE_EXCEEDED', 'WORKER_DIED'] : []),
    ]);
    for (const code of failures) if (!allowed.has(code)) return `call ${n} failed with ${code}`;
    for (const event of own) {
      if (event.did !== 'withdrawn') continue;
      if (own.some(({ did, ...ran }) => did === 'ran' && 'life' in ran && ran.life === event.life)) {
        return `call ${n} ran after it was taken back`;
      }
    }
  }
  const place = threads.find(({ name }) => name === FRONT)?.place ?? '';
  if (!place.startsWith(IDLE)) return 'the front still has calls, and nobody moves';
  const slots = new parts.Slots(words, memory.slots, Atomics);
  for (let slot = 0 as SlotIndex; slot < shape.slots; slot++) {
    if (phaseOf(slots.state(slot)) !== PHASE.FREE) return `slot ${slot} is lost`;
  }
  const { holders } = memory;
  const slab = new parts.Slab(words, { holders, classStart: [0] }, memory.shape, frontHolder(0), Atomics);
  return slab.held() === 0 ? undefined : `${slab.held()} blocks are lost`;
}
