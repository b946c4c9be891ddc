/**
 * Measures the phases of calls as they pass: each step takes the time since the one before, as microseconds in the
 * call's slot. Slots belong to this thread until the commit, so calls that overlap do not disturb each other.
 */
import type { Micros, SeatIndex, SlotIndex, ToolId } from '../src/core/brand.ts';
import { type Clock, elapsed, micros } from '../src/core/clock.ts';
import { SLOT } from '../src/shm/layout.ts';
import type { Meters } from '../src/shm/meters.ts';
import type { Slots } from '../src/shm/slots.ts';

/** In the order of the meters. */
const STEPS = [SLOT.parse, SLOT.validate, SLOT.run, SLOT.encode] as const;

export class PhaseWatch {
  private readonly slots: Slots;
  private readonly meters: Meters;
  private readonly seat: SeatIndex;
  private readonly clock: Clock;

  constructor(slots: Slots, meters: Meters, seat: SeatIndex, clock: Clock) {
    this.slots = slots;
    this.meters = meters;
    this.seat = seat;
    this.clock = clock;
  }

  /** Nothing of the slot's call before remains. */
  claimed(slot: SlotIndex): void {
    for (const step of STEPS) this.slots.setField(slot, step, 0);
  }

  parsed(slot: SlotIndex): void {
    this.slots.setField(slot, SLOT.parse, this.sinceClaim(slot));
  }

  validated(slot: SlotIndex): void {
    const { slots } = this;
    slots.setField(slot, SLOT.validate, this.sinceClaim(slot) - slots.field(slot, SLOT.parse));
  }

  ran(slot: SlotIndex): void {
    const { slots } = this;
    const before = slots.field(slot, SLOT.parse) + slots.field(slot, SLOT.validate);
    slots.setField(slot, SLOT.run, this.sinceClaim(slot) - before);
  }

  /** The last step, right before the commit: what the call did not come through has taken no time. */
  encoded(slot: SlotIndex, tool: ToolId): void {
    const { slots, meters, seat } = this;
    const parse = slots.field(slot, SLOT.parse);
    const validate = slots.field(slot, SLOT.validate);
    const run = slots.field(slot, SLOT.run);
    const encode = this.sinceClaim(slot) - parse - validate - run;
    slots.setField(slot, SLOT.encode, encode);
    meters.recordPhase(seat, tool, 0, parse);
    meters.recordPhase(seat, tool, 1, validate);
    meters.recordPhase(seat, tool, 2, run);
    meters.recordPhase(seat, tool, 3, encode);
  }

  private sinceClaim(slot: SlotIndex): number {
    return elapsed(this.slots.field(slot, SLOT.claimedAt) as Micros, micros(this.clock.now()));
  }
}
