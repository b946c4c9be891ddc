/**
 * A look at what workers are doing now, so that the load of a tool is known before its first call has ended: which
 * calls keep their threads, and which have given them back and wait.
 */
import type { SeatIndex, SlotIndex, ToolId } from '../core/brand.ts';
import type { Arena } from '../shm/arena.ts';
import { SLOT } from '../shm/layout.ts';
import { PHASE, phaseOf, seatOf } from '../shm/state-word.ts';
import type { Bulkheads } from './bulkheads.ts';
import type { ToolLoad } from './tool-load.ts';

interface Seen {
  turns: number;
  slot: SlotIndex | undefined;
  since: number;
}

export class Glance {
  private readonly arena: Arena;
  private readonly bulkheads: Bulkheads;
  private readonly seen: Seen[];
  /** Tools that were seen to keep a thread at the last look, and at the one before but not at the last. */
  private busy = new Set<ToolLoad>();
  private over = new Set<ToolLoad>();

  constructor(arena: Arena, bulkheads: Bulkheads) {
    this.arena = arena;
    this.bulkheads = bulkheads;
    this.seen = Array.from({ length: arena.shape.seats }, () => ({ turns: 0, slot: undefined, since: 0 }));
  }

  /** Every few milliseconds while there are calls. `slots`: the front's own. */
  look(slots: Iterable<SlotIndex>, now: number): void {
    const { seats } = this.arena;
    const before = this.busy;
    this.busy = new Set();
    for (const [index, seen] of this.seen.entries()) {
      const seat = index as SeatIndex;
      const turns = seats.turns(seat);
      const slot = this.runningIn(seat);
      if (slot !== undefined && slot === seen.slot && turns === seen.turns) {
        const load = this.loadOf(slot);
        load.sawBusy(now - seen.since);
        this.busy.add(load);
      } else {
        seen.turns = turns;
        seen.slot = slot;
        seen.since = now;
      }
    }
    // At once, the answer of a call that has just ended might still be on its way.
    for (const load of this.over) if (!this.busy.has(load)) load.sawFree();
    this.over = new Set([...before].filter((load) => !this.busy.has(load)));
    if (this.bulkheads.waitsOnUnknown) this.lookAtUnknown(slots, now);
  }

  /** What a thread that has ended left in its seat does not run, and its slot may be another call's by now. */
  private runningIn(seat: SeatIndex): SlotIndex | undefined {
    const slot = this.arena.seats.running(seat);
    if (slot === undefined) return undefined;
    const word = this.arena.slots.state(slot);
    return phaseOf(word) === PHASE.CLAIMED && seatOf(word) === seat ? slot : undefined;
  }

  /** A worker that is elsewhere while it has a call: the call has given the thread back. */
  private lookAtUnknown(slots: Iterable<SlotIndex>, now: number): void {
    const { arena } = this;
    for (const slot of slots) {
      const word = arena.slots.state(slot);
      if (phaseOf(word) !== PHASE.CLAIMED) continue;
      const load = this.loadOf(slot);
      if (load.cost === undefined && arena.seats.running(seatOf(word)) !== slot) {
        load.sawWaiting(now - this.bulkheads.startedAt(slot));
      }
    }
  }

  private loadOf(slot: SlotIndex): ToolLoad {
    return this.bulkheads.load(this.arena.slots.field(slot, SLOT.tool) as ToolId);
  }
}
