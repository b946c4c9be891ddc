/** The shared-memory parts one by one, in one thread without contention: what their instructions cost. */
import type { FrontIndex, SeatIndex, SlotIndex, ToolId } from '../../src/core/brand.ts';
import { Clock, newEpoch } from '../../src/core/clock.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { type Arena, attachArena, createArena, shapeFor } from '../../src/shm/arena.ts';
import { SLOT } from '../../src/shm/layout.ts';
import { createMeters, Meters } from '../../src/shm/meters.ts';
import { EMPTY } from '../../src/shm/ring.ts';
import { frontHolder, NO_BLOCK } from '../../src/shm/slab.ts';
import { NO_IDENTITY, NO_TARGET } from '../../src/wire/context-frame.ts';
import { CONTRACT } from '../../src/wire/contract.ts';
import { OUTCOMES, SUCCESS } from '../../src/wire/outcome.ts';

const FRONT = 0 as FrontIndex;
const SEAT = 0 as SeatIndex;
const TOOL = 0 as ToolId;

/** One thing to measure. */
export interface Part {
  readonly name: string;
  /** How often in one reading; undefined: as most parts. */
  readonly times?: number;
  /** Makes what the next `run` of as many times needs; not measured. */
  readonly prepare?: (times: number) => void;
  /** Does it `times` times. */
  readonly run: (times: number) => void;
  /** Gives back what `run` holds. */
  readonly close?: () => void;
}

function smallArena(): { readonly arena: Arena; readonly epoch: number } {
  const epoch = newEpoch();
  const shape = shapeFor({ fronts: 1, seats: 4, waiting: 1024, started: 128 });
  return { arena: attachArena(createArena(shape, epoch)), epoch };
}

/** All parts, each with memory of its own. */
export function parts(): readonly Part[] {
  return [slab(), slotAndQueues(), dispatcher()];
}

function slab(): Part {
  const pool = smallArena().arena.slab(frontHolder(0));
  return {
    name: 'slab: take a block and give it back',
    run: (times) => {
      for (let time = 0; time < times; time++) {
        const block = pool.take(300);
        if (block !== NO_BLOCK) pool.give(block);
      }
    },
  };
}

function slotAndQueues(): Part {
  const { arena } = smallArena();
  const { slots } = arena;
  const { submissions } = arena.common;
  const completions = arena.completions(FRONT);
  const slot = 0 as SlotIndex;
  return {
    name: 'slot: submit, claim, commit, announce, release',
    run: (times) => {
      for (let time = 0; time < times; time++) {
        submissions.push(slot);
        if (submissions.claim(SEAT) === EMPTY) throw new Error('the call was not found');
        slots.commit(slot, SEAT);
        completions.push(slot);
        completions.pop();
        slots.release(slot);
      }
    },
  };
}

function dispatcher(): Part {
  const { arena, epoch } = smallArena();
  const shape = { fronts: 1, seats: 4, outcomes: OUTCOMES };
  const completions = arena.completions(FRONT);
  let answered = 0;
  const waiter = {
    reply: () => {
      answered++;
    },
    fail: () => undefined,
  };
  const front = new Dispatcher({
    arena,
    front: FRONT,
    clock: new Clock(epoch),
    meters: new Meters(createMeters(shape), shape),
    queueLimit: 1024,
    workers: 1,
    concurrency: 32,
    fairShare: true,
    circuit: { failurePercent: 50, windowMs: 10_000, minCalls: 20, pauseMs: 10_000 },
    onCircuit: () => undefined,
    phases: true,
    post: () => undefined,
    onOverdue: () => undefined,
  });
  arena.common.parking.attend(SEAT);
  const body = Buffer.alloc(250, 'x');
  const call = {
    tool: TOOL,
    timeoutMs: 10_000,
    budgetMs: 1000,
    identity: NO_IDENTITY,
    contract: CONTRACT.envelope,
    target: NO_TARGET,
    sequence: 1,
  };
  return {
    name: 'dispatcher: a 250-byte call in, claimed and committed by hand, its answer out',
    run: (times) => {
      const before = answered;
      for (let time = 0; time < times; time++) {
        front.submit(call, body, waiter);
        const slot = arena.common.submissions.claim(SEAT);
        if (slot === EMPTY) throw new Error('the call was not found');
        arena.slots.setField(slot, SLOT.status, 200);
        arena.slots.setField(slot, SLOT.outcome, SUCCESS);
        arena.slots.setField(slot, SLOT.replyBlock, arena.slots.field(slot, SLOT.requestBlock));
        arena.slots.setField(slot, SLOT.replyLength, 250);
        arena.slots.commit(slot, SEAT);
        completions.push(slot);
        front.pump();
      }
      if (answered - before !== times) throw new Error('answers are missing');
    },
    close: () => front.close(),
  };
}
