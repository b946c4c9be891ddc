/**
 * A front's own notes on its slots: which are free, who waits for which, until when. Private memory: no other thread
 * reads or writes it.
 */
import type { Millis, SlotIndex } from '../core/brand.ts';
import { elapsed } from '../core/clock.ts';
import type { Waiter } from './waiter.ts';

export class SlotBook {
  readonly firstSlot: number;
  readonly slots: number;
  /** Last used on top: its lines are still in the cache. */
  private readonly free: SlotIndex[] = [];
  /** By slot minus firstSlot. Undefined: nobody waits (any more). */
  private readonly waiters: (Waiter | undefined)[];
  private readonly deadlines: Int32Array;
  /** 1: the call was on a worker that died, and runs once more. */
  private readonly retried: Uint8Array;
  private waited = 0;
  private emptyListener: (() => void) | undefined;

  constructor(firstSlot: number, slots: number) {
    this.firstSlot = firstSlot;
    this.slots = slots;
    for (let slot = slots - 1; slot >= 0; slot--) this.free.push((firstSlot + slot) as SlotIndex);
    this.waiters = Array.from({ length: slots }, () => undefined);
    this.deadlines = new Int32Array(slots);
    this.retried = new Uint8Array(slots);
  }

  /** A free slot; undefined: there is none. */
  take(waiter: Waiter, deadline: Millis): SlotIndex | undefined {
    const slot = this.free.pop();
    if (slot === undefined) return undefined;
    const index = slot - this.firstSlot;
    this.waiters[index] = waiter;
    this.deadlines[index] = deadline;
    this.retried[index] = 0;
    this.waited++;
    return slot;
  }

  waiterOf(slot: SlotIndex): Waiter | undefined {
    return this.waiters[slot - this.firstSlot];
  }

  isOverdue(slot: SlotIndex, now: Millis): boolean {
    return elapsed((this.deadlines[slot - this.firstSlot] ?? 0) as Millis, now) >= 0;
  }

  /** Notes that the slot's call runs once more. False: it already does. */
  noteRetry(slot: SlotIndex): boolean {
    const index = slot - this.firstSlot;
    if (this.retried[index] === 1) return false;
    this.retried[index] = 1;
    return true;
  }

  /** Nobody waits for this slot's call any more. */
  settle(slot: SlotIndex): void {
    this.waiters[slot - this.firstSlot] = undefined;
    this.waited--;
    if (this.waited === 0 && this.emptyListener !== undefined) {
      const listener = this.emptyListener;
      this.emptyListener = undefined;
      queueMicrotask(listener);
    }
  }

  /** The slot is free again; nobody waits for it. */
  putBack(slot: SlotIndex): void {
    this.free.push(slot);
  }

  /** Calls somebody waits for. */
  get waiting(): number {
    return this.waited;
  }

  /** Slots out of use: waiting, running, or answered while a worker still holds them. */
  get held(): number {
    return this.slots - this.free.length;
  }

  /** Every slot of this front, whatever it is used for. */
  *all(): Iterable<SlotIndex> {
    for (let index = 0; index < this.slots; index++) yield (this.firstSlot + index) as SlotIndex;
  }

  /** Slots somebody waits for, now. */
  awaited(): readonly SlotIndex[] {
    const found: SlotIndex[] = [];
    for (let index = 0; index < this.slots; index++) {
      if (this.waiters[index] !== undefined) found.push((this.firstSlot + index) as SlotIndex);
    }
    return found;
  }

  /** Those of them whose deadline has passed. Asked for every few milliseconds. */
  overdue(now: Millis): readonly SlotIndex[] {
    const found: SlotIndex[] = [];
    for (let index = 0; index < this.slots; index++) {
      if (this.waiters[index] === undefined || elapsed((this.deadlines[index] ?? 0) as Millis, now) < 0)
        continue;
      found.push((this.firstSlot + index) as SlotIndex);
    }
    return found;
  }

  /** Resolves when nobody waits for anything; at once if nobody does. */
  whenEmpty(): Promise<void> {
    if (this.waited === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.emptyListener;
      this.emptyListener = () => {
        before?.();
        resolve();
      };
    });
  }
}
