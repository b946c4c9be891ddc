/**
 * First-in first-out lists of slots, threaded through two arrays that all of them share: a slot is in at most one list,
 * and leaves it from any place in constant time.
 */
import type { SlotIndex } from '../core/brand.ts';

const NONE = -1;

/** The links of all slots of one front. `firstSlot`: the number of its first one. */
export class SlotLinks {
  readonly firstSlot: number;
  readonly next: Int32Array;
  readonly previous: Int32Array;

  constructor(firstSlot: number, slots: number) {
    this.firstSlot = firstSlot;
    this.next = new Int32Array(slots).fill(NONE);
    this.previous = new Int32Array(slots).fill(NONE);
  }
}

export class SlotList {
  length = 0;
  private readonly links: SlotLinks;
  private head = NONE;
  private tail = NONE;

  constructor(links: SlotLinks) {
    this.links = links;
  }

  /** The oldest; undefined: the list is empty. */
  get first(): SlotIndex | undefined {
    return this.head === NONE ? undefined : ((this.head + this.links.firstSlot) as SlotIndex);
  }

  /** `slot` is in no list. */
  append(slot: SlotIndex): void {
    const { next, previous, firstSlot } = this.links;
    const index = slot - firstSlot;
    next[index] = NONE;
    previous[index] = this.tail;
    if (this.tail === NONE) this.head = index;
    else next[this.tail] = index;
    this.tail = index;
    this.length++;
  }

  /** `slot` is in this list. */
  remove(slot: SlotIndex): void {
    const { next, previous, firstSlot } = this.links;
    const index = slot - firstSlot;
    const after = next[index] ?? NONE;
    const before = previous[index] ?? NONE;
    if (before === NONE) this.head = after;
    else next[before] = after;
    if (after === NONE) this.tail = before;
    else previous[after] = before;
    this.length--;
  }
}
