/**
 * What is recorded of each call: how it ended, how long it took and waited, and where its time went. Read from the slot
 * when the answer comes; what only the socket knows is added when the last byte is sent.
 */
import type { FrontIndex, Micros, SeatIndex, SlotIndex, ToolId } from '../core/brand.ts';
import { type Clock, elapsed, micros } from '../core/clock.ts';
import { SLOT } from '../shm/layout.ts';
import type { Meters } from '../shm/meters.ts';
import type { Slots } from '../shm/slots.ts';
import { seatOf } from '../shm/state-word.ts';
import type { PhaseTimes } from '../wire/phases.ts';
import { SlowCalls } from './slow-calls.ts';

/** One answered call. The dispatcher uses the same object for the next one: copy what is needed later. */
export interface CallTimes {
  tool: ToolId;
  seat: SeatIndex;
  outcome: number;
  submittedAt: Micros;
  /** Microseconds. */
  queue: number;
  parse: number;
  validate: number;
  run: number;
  encode: number;
}

export class CallRecords {
  readonly slowCalls = new SlowCalls();
  private readonly slots: Slots;
  private readonly meters: Meters;
  private readonly front: FrontIndex;
  private readonly clock: Clock;
  private readonly latest: CallTimes = {
    tool: 0 as ToolId,
    seat: 0 as SeatIndex,
    outcome: 0,
    submittedAt: 0 as Micros,
    queue: 0,
    parse: 0,
    validate: 0,
    run: 0,
    encode: 0,
  };

  constructor(slots: Slots, meters: Meters, front: FrontIndex, clock: Clock) {
    this.slots = slots;
    this.meters = meters;
    this.front = front;
    this.clock = clock;
  }

  /** A call that was not taken. */
  refused(tool: ToolId, outcome: number): void {
    this.meters.countCall(this.front, tool, outcome);
  }

  /** A call that was taken has ended at `now`, in ms. */
  ended(slot: SlotIndex, outcome: number, now: number): void {
    const { slots } = this;
    const submittedAt = slots.field(slot, SLOT.submittedAt) as Micros;
    const tool = slots.field(slot, SLOT.tool) as ToolId;
    this.meters.recordCall(this.front, tool, outcome, elapsed(submittedAt, micros(now)));
  }

  /** What a call had waited before a worker claimed it. */
  waited(slot: SlotIndex): void {
    const { slots } = this;
    const claimedAt = slots.field(slot, SLOT.claimedAt) as Micros;
    const submittedAt = slots.field(slot, SLOT.submittedAt) as Micros;
    const tool = slots.field(slot, SLOT.tool) as ToolId;
    this.meters.recordWait(this.front, tool, elapsed(submittedAt, claimedAt));
  }

  /** Where the time of a DONE slot's call went so far. */
  read(slot: SlotIndex): CallTimes {
    const { slots, latest } = this;
    latest.tool = slots.field(slot, SLOT.tool) as ToolId;
    latest.seat = seatOf(slots.state(slot));
    latest.outcome = slots.field(slot, SLOT.outcome);
    latest.submittedAt = slots.field(slot, SLOT.submittedAt) as Micros;
    latest.queue = elapsed(latest.submittedAt, slots.field(slot, SLOT.claimedAt) as Micros);
    latest.parse = slots.field(slot, SLOT.parse);
    latest.validate = slots.field(slot, SLOT.validate);
    latest.run = slots.field(slot, SLOT.run);
    latest.encode = slots.field(slot, SLOT.encode);
    return latest;
  }

  /** The last byte of the answer has been handed to the socket. `begunAt`: when the first byte of the request came. */
  sent(times: CallTimes, begunAt: Micros, requestId: () => string): void {
    const now = this.clock.now();
    const { tool, seat, outcome, submittedAt, queue, parse, validate, run, encode } = times;
    const read = elapsed(begunAt, submittedAt);
    const total = elapsed(begunAt, micros(now));
    const send = Math.max(0, total - read - queue - parse - validate - run - encode);
    this.meters.recordTransfer(this.front, tool, read, send);
    const duration = total / 1000;
    if (!this.slowCalls.isSlow(tool, duration, now)) return;
    const phases: PhaseTimes = { read, queue, parse, validate, run, encode, send };
    this.slowCalls.keep({
      tool,
      seat,
      requestId: requestId(),
      outcome,
      begin: now - duration,
      duration,
      phases,
    });
  }
}
