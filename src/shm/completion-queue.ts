/**
 * Slots with finished replies on their way back to one front. Workers push, that front alone pops.
 *
 * A slot is in here at most once per life, and one front has fewer slots than cells, so the ring cannot be
 * full. A worker that dies between commit and push leaves a DONE slot without an entry: the sweep after
 * its exit finds it (`sweep` in dispatch/dispatcher.ts).
 */
import type { SlotIndex } from '../core/brand.ts';
import { EMPTY, type Ring } from './ring.ts';

export class CompletionQueue {
  private readonly ring: Ring;

  constructor(ring: Ring) {
    this.ring = ring;
  }

  /** Worker: announces a DONE slot. */
  push(slot: SlotIndex): void {
    if (this.ring.offer(slot) === 'full') {
      throw new Error('completion ring full: more slots than cells, the arena shape is wrong');
    }
  }

  /** Front: the next announced slot, or EMPTY. */
  pop(): SlotIndex | typeof EMPTY {
    const entry = this.ring.peek();
    if (entry === EMPTY) return EMPTY;
    this.ring.pass();
    return entry as SlotIndex;
  }

  isEmpty(): boolean {
    return this.ring.peek() === EMPTY;
  }
}
