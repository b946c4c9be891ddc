/**
 * Where the bytes of requests are: a block of the slab each, or this thread's heap where none is free; and the fields of
 * the slot that describe them.
 */
import type { BlockIndex, Millis, SlotIndex, ToolId } from '../core/brand.ts';
import { micros } from '../core/clock.ts';
import type { Arena } from '../shm/arena.ts';
import { SLOT } from '../shm/layout.ts';
import { NO_BLOCK, type Slab } from '../shm/slab.ts';
import { type CallIdentity, frameOf, type NativeTarget, writeFrame } from '../wire/context-frame.ts';
import type { Contract } from '../wire/contract.ts';

/** One call as its front hands it over. */
export interface CallRequest {
  readonly tool: ToolId;
  /** Milliseconds from now to the deadline. */
  readonly timeoutMs: number;
  /** Milliseconds in which it should have ended if it is taken, see admission.ts; 0: no matter. */
  readonly budgetMs: number;
  readonly identity: CallIdentity;
  readonly contract: Contract;
  /** Arguments beside the body; NO_TARGET by the envelope's contract. */
  readonly target: NativeTarget;
  /** The call's number at this front; completes a made request id. */
  readonly sequence: number;
}

export class RequestBytes {
  private readonly arena: Arena;
  private readonly slab: Slab;
  /** Bodies that found no block, until their worker asks for them. */
  private readonly onHeap = new Map<SlotIndex, Uint8Array>();

  constructor(arena: Arena, slab: Slab) {
    this.arena = arena;
    this.slab = slab;
  }

  /** Fills a free slot. `now` in ms. */
  write(slot: SlotIndex, request: CallRequest, body: Uint8Array, deadline: Millis, now: number): void {
    const { slots, bytes } = this.arena;
    const frame = frameOf(request.identity, request.target);
    const contextLength = frame.length;
    const block = this.slab.take(contextLength + body.byteLength);
    if (block === NO_BLOCK) {
      const kept = Buffer.allocUnsafeSlow(contextLength + body.byteLength);
      if (contextLength > 0) writeFrame(kept, 0, frame);
      kept.set(body, contextLength);
      this.onHeap.set(slot, kept);
    } else {
      const offset = this.slab.offset(block);
      if (contextLength > 0) writeFrame(bytes, offset, frame);
      bytes.set(body, offset + contextLength);
    }
    slots.setField(slot, SLOT.tool, request.tool);
    slots.setField(slot, SLOT.requestBlock, block);
    slots.setField(slot, SLOT.contextLength, contextLength);
    slots.setField(slot, SLOT.bodyLength, body.byteLength);
    slots.setField(slot, SLOT.deadline, deadline);
    slots.setField(slot, SLOT.submittedAt, micros(now));
    slots.setField(slot, SLOT.sequence, request.sequence);
    slots.setField(slot, SLOT.contract, request.contract);
  }

  /** What a worker asks for by message, to be posted, which copies. `again`: it may be asked for once more. */
  pull(slot: SlotIndex, again: boolean): Uint8Array | undefined {
    const bytes = this.onHeap.get(slot);
    if (!again) this.onHeap.delete(slot);
    return bytes;
  }

  /** No other thread reads or writes them any more. */
  free(slot: SlotIndex): void {
    const block = this.arena.slots.field(slot, SLOT.requestBlock);
    if (block === NO_BLOCK) this.onHeap.delete(slot);
    else this.slab.give(block as BlockIndex);
  }
}
