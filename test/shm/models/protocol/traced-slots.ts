/**
 * Slots whose plain fields lie in the model's memory and are watched: who touches a field must own it, by the table in
 * layout.ts, else the threads race. As they own it, touching it is part of the step before; that nobody could come
 * between is what the watch shows.
 */
import type { Generation, SeatIndex, SlotIndex } from '../../../../src/core/brand.ts';
import { SLOT, SLOT_WORDS } from '../../../../src/shm/layout.ts';
import { NO_BLOCK } from '../../../../src/shm/slab.ts';
import type { Slots } from '../../../../src/shm/slots.ts';
import { generationOf, PHASE, phaseOf, seatOf } from '../../../../src/shm/state-word.ts';
import type { Hands } from '../../../support/explorer-thread.ts';
import { type ProtocolMemory, replyTo } from './protocol-memory.ts';
import type { ProtocolEvent, ProtocolParts } from './protocol-shape.ts';

/** Body of every request. Which one it is, is written beside the bytes, see `contents`. */
export const BODY = Buffer.from('{"user_id":1,"parameters":{}}');

const REQUEST: ReadonlySet<number> = new Set([SLOT.tool, SLOT.requestBlock, SLOT.deadline, SLOT.sequence]);
const REPLY: ReadonlySet<number> = new Set([SLOT.status, SLOT.replyBlock]);

/** Fields that are equal for every call, or only measured: reading gives this, writing changes nothing. */
const FIXED: Readonly<Record<number, number>> = { [SLOT.bodyLength]: BODY.byteLength };

export interface TracedSlots extends Slots {
  /** Number of the call in the slot. */
  readonly numberIn: (slot: SlotIndex) => number;
  readonly requestBlock: (slot: SlotIndex) => number;
  readonly lifeOf: (slot: SlotIndex) => Generation;
  readonly contentOf: (block: number) => number;
}

/** `seat`: of the worker whose view this is; undefined: the front's. */
export function tracedSlots(
  parts: ProtocolParts,
  memory: ProtocolMemory,
  hands: Hands<ProtocolEvent>,
  seat: SeatIndex | undefined,
): TracedSlots {
  const { seam, words, emit, sameStep } = hands;
  const at = (slot: SlotIndex, field: number): number => memory.slots + slot * SLOT_WORDS + field;
  const load = (index: number): number => sameStep(() => seam.load(words, index));
  const store = (index: number, value: number): void => {
    sameStep(() => seam.store(words, index, value));
  };
  const mustOwn = (slot: SlotIndex, what: string): void => {
    const word = load(at(slot, SLOT.state));
    const phase = phaseOf(word);
    const owns =
      seat === undefined
        ? phase === PHASE.FREE || phase === PHASE.DONE
        : phase === PHASE.CLAIMED && seatOf(word) === seat;
    if (!owns)
      throw new Error(`${seat === undefined ? 'front' : `worker ${seat}`} ${what} of a slot it does not own`);
  };

  return new (class extends parts.Slots {
    override field(slot: SlotIndex, field: number): number {
      if (!REQUEST.has(field) && !REPLY.has(field)) return FIXED[field] ?? 0;
      // The front wrote the request itself, and nobody else does.
      if (seat !== undefined || !REQUEST.has(field)) mustOwn(slot, `reads field ${field}`);
      return load(at(slot, field));
    }

    override setField(slot: SlotIndex, field: number, value: number): void {
      if (!REQUEST.has(field) && !REPLY.has(field)) return;
      mustOwn(slot, `writes field ${field}`);
      store(at(slot, field), value);
      if (field === SLOT.sequence) {
        // The last field of a request that a front writes: its bytes are in the block.
        store(memory.contents + load(at(slot, SLOT.requestBlock)), value);
      }
      if (field === SLOT.replyBlock) {
        if (value === NO_BLOCK) throw new Error('the model has too few blocks');
        store(memory.contents + value, replyTo(this.numberIn(slot)));
      }
    }

    readonly numberIn = (slot: SlotIndex): number => load(at(slot, SLOT.sequence));
    readonly requestBlock = (slot: SlotIndex): number => load(at(slot, SLOT.requestBlock));
    readonly lifeOf = (slot: SlotIndex): Generation => generationOf(load(at(slot, SLOT.state)));
    readonly contentOf = (block: number): number => load(memory.contents + block);

    override withdraw(slot: SlotIndex): 'withdrawn' | 'started' {
      const word = load(at(slot, SLOT.state));
      const outcome = super.withdraw(slot);
      if (outcome === 'withdrawn')
        emit({ did: 'withdrawn', n: this.numberIn(slot), life: generationOf(word) });
      return outcome;
    }

    override commit(slot: SlotIndex, own: SeatIndex): 'committed' | 'revoked' {
      const outcome = super.commit(slot, own);
      if (outcome === 'revoked') throw new Error('a claim was revoked from a living thread');
      return outcome;
    }
  })(words, memory.slots, seam);
}
