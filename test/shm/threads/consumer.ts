/** A worker thread: claims, answers, commits, pushes, rings, and sleeps when there is nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BlockIndex, FrontIndex, SeatIndex } from '../../../src/core/brand.ts';
import { attachArena } from '../../../src/shm/arena.ts';
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import { SLOT } from '../../../src/shm/layout.ts';
import { PARKED } from '../../../src/shm/parking.ts';
import { EMPTY } from '../../../src/shm/ring.ts';
import { NO_BLOCK, seatHolder } from '../../../src/shm/slab.ts';
import { answerTo, type ConsumerData, FOR_EVER, FRONTS, ring } from './desk.ts';
import { interposed } from './interposed.ts';

/** Looks at the queue before sleeping; sleeping and waking cost far more than a message. */
const SPINS = 200;
/** Most operations of a mortal's life. */
const LONGEST_LIFE = 400;
const DAWDLE = 30;
const DEATH = Symbol('a mortal consumer dies');

const data: ConsumerData = workerData;
const seat = data.seat as SeatIndex;
const desk = new Int32Array(data.desk);

function seamOf(): AtomicsSeam {
  switch (data.nature) {
    case 'steady':
      return Atomics;
    case 'dawdling': {
      const scratch = new Int32Array(1);
      return interposed(() => {
        for (let turn = 0; turn < DAWDLE; turn++) Atomics.add(scratch, 0, 1);
      });
    }
    case 'mortal': {
      let left = Math.ceil(Math.random() * LONGEST_LIFE);
      return interposed(() => {
        if (--left === 0) throw DEATH;
      });
    }
    default:
      return data.nature satisfies never;
  }
}

/** Serves until told to drain. `life` marks the answers, so that their front can check their order. */
function serve(life: number): void {
  const arena = attachArena(data.handle, seamOf());
  const { slots, seats, shape } = arena;
  const { submissions, parking } = arena.common;
  const slab = arena.slab(seatHolder(seat));
  const lanes = Array.from({ length: FRONTS }, (_, index) => {
    const front = index as FrontIndex;
    return {
      front,
      completions: arena.completions(front),
      bell: arena.doorbell(front),
      pushed: 0,
      newest: -1,
    };
  });

  const serveOne = (): boolean => {
    const slot = submissions.claim(seat);
    if (slot === EMPTY) return false;
    const lane = lanes[Math.floor(slot / shape.slotsPerFront)];
    if (lane === undefined) throw new Error(`claimed slot ${slot}, which is nobody's`);
    const sequence = slots.field(slot, SLOT.sequence);
    // While a call waits, its front can have put that many others behind it, and that many into old entries.
    if (sequence <= lane.newest - 2 * shape.submissionCells) {
      throw new Error(`message ${sequence} comes only after ${lane.newest}`);
    }
    lane.newest = Math.max(lane.newest, sequence);
    const block = slab.take(8);
    const answer = answerTo(lane.front, sequence);
    if (block === NO_BLOCK) slots.setField(slot, SLOT.replyLength, answer);
    else arena.bytes.writeInt32LE(answer, slab.offset(block as BlockIndex));
    slots.setField(slot, SLOT.replyBlock, block);
    slots.setField(slot, SLOT.claimedAt, life);
    slots.setField(slot, SLOT.status, lane.pushed++);
    if (slots.commit(slot, seat) === 'revoked') throw new Error('a claim was revoked from a living thread');
    lane.completions.push(slot);
    if (lane.bell.mustRing()) ring(desk, lane.front);
    return true;
  };
  const isQuiet = (): boolean => {
    for (let look = 0; look < SPINS; look++) if (!submissions.isEmpty()) return false;
    return true;
  };

  parentPort?.postMessage('serving');
  parking.attend(seat);
  while (!seats.isDraining(seat)) {
    if (serveOne() || !isQuiet()) continue;
    parking.park(seat, PARKED.blocked);
    if (submissions.isEmpty() && !seats.isDraining(seat)) parking.sleep(seat, FOR_EVER);
    parking.unpark(seat);
  }
}

// A life begins when the supervisor says so, with its number.
parentPort?.on('message', (life: number) => {
  try {
    serve(life);
    parentPort?.close();
  } catch (thrown) {
    if (thrown !== DEATH) throw thrown;
    parentPort?.postMessage('dead');
  }
});
