/**
 * Requests waiting for a worker, first come first served. Any number of fronts put slots in, any number of
 * workers take them out.
 *
 * An entry is only a hint that its slot may be QUEUED. Ownership is decided by the slot's own state word,
 * before head moves, so each call is claimed exactly once whatever the ring says: an entry seen twice is
 * claimed once, an entry whose slot was withdrawn (and perhaps reused since) is passed or serves the slot's
 * new call a little early. Nothing is lost, because an entry is passed only after its slot was seen not
 * QUEUED, and a slot becomes QUEUED before its entry is written.
 */
import type { SeatIndex, SlotIndex } from '../core/brand.ts';
import { EMPTY, type Ring } from './ring.ts';
import type { Slots } from './slots.ts';

export class SubmissionQueue {
  private readonly ring: Ring;
  private readonly slots: Slots;

  constructor(ring: Ring, slots: Slots) {
    this.ring = ring;
    this.slots = slots;
  }

  /** Front: makes a filled slot claimable. On 'full' the slot is withdrawn again unless a worker was faster. */
  push(slot: SlotIndex): 'pushed' | 'full' {
    this.slots.submit(slot);
    if (this.ring.offer(slot) === 'stored') return 'pushed';
    // A worker may have claimed it through an old entry of the same slot: then it is on its way.
    return this.slots.withdraw(slot) === 'withdrawn' ? 'full' : 'pushed';
  }

  /** Worker: takes the oldest waiting call for `seat`, or returns EMPTY. */
  claim(seat: SeatIndex): SlotIndex | typeof EMPTY {
    for (;;) {
      const entry = this.ring.peek();
      if (entry === EMPTY) return EMPTY;
      const slot = entry as SlotIndex;
      const outcome = this.slots.claim(slot, seat);
      this.ring.pass();
      if (outcome === 'claimed') return slot;
    }
  }

  /** Anybody: drops entries at the head whose slots are no longer waiting, so that they do not count. */
  trim(isWaiting: (slot: SlotIndex) => boolean): void {
    for (;;) {
      const entry = this.ring.peek();
      if (entry === EMPTY || isWaiting(entry as SlotIndex)) return;
      this.ring.pass();
    }
  }

  /** True when a worker would find no entry. */
  isEmpty(): boolean {
    return this.ring.peek() === EMPTY;
  }

  /** Waiting calls, plus withdrawn ones nobody has passed yet. */
  depth(): number {
    return this.ring.depth();
  }
}
