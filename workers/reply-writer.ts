/**
 * The end of a call in its worker: the reply's bytes, then the exchange that makes the slot DONE, then the word to the front.
 */
import type { MessagePort } from 'node:worker_threads';
import type { BlockIndex, FrontIndex, SeatIndex, SlotIndex, ToolId, VersionId } from '../src/core/brand.ts';
import type { Arena } from '../src/shm/arena.ts';
import type { CompletionQueue } from '../src/shm/completion-queue.ts';
import type { Doorbell } from '../src/shm/doorbell.ts';
import { SLOT } from '../src/shm/layout.ts';
import { NO_BLOCK, type Slab } from '../src/shm/slab.ts';
import { generationOf } from '../src/shm/state-word.ts';
import { CONTRACT } from '../src/wire/contract.ts';
import type { LaneFromWorker } from '../src/wire/from-worker.ts';
import { BELL } from '../src/wire/to-worker.ts';
import type { BoundTool } from './bind-tools.ts';
import type { PhaseWatch } from './phase-watch.ts';
import type { ToolCosts } from './tool-costs.ts';

export interface ReplyWriterOptions {
  readonly arena: Arena;
  readonly seat: SeatIndex;
  readonly costs: ToolCosts;
  readonly lanes: readonly MessagePort[];
  /** By ToolId. */
  readonly tools: readonly (BoundTool | undefined)[];
}

export class ReplyWriter {
  private readonly options: ReplyWriterOptions;
  private readonly slab: Slab;
  private readonly phases: PhaseWatch | undefined;
  private readonly completions: readonly CompletionQueue[];
  private readonly doorbells: readonly Doorbell[];

  constructor(options: ReplyWriterOptions, slab: Slab, phases: PhaseWatch | undefined) {
    const { arena } = options;
    this.options = options;
    this.slab = slab;
    this.phases = phases;
    const fronts = Array.from({ length: arena.shape.fronts }, (_, front) => front as FrontIndex);
    this.completions = fronts.map((front) => arena.completions(front));
    this.doorbells = fronts.map((front) => arena.doorbell(front));
  }

  /** The last thing done for a call. */
  commit(slot: SlotIndex, version: VersionId, status: number, outcome: number, body: string): void {
    const { arena, costs, tools, seat } = this.options;
    const { slots } = arena;
    const tool = slots.field(slot, SLOT.tool) as ToolId;
    slots.setField(slot, SLOT.cost, costs.micros(tool));
    slots.setField(slot, SLOT.status, status);
    slots.setField(slot, SLOT.outcome, outcome);
    slots.setField(slot, SLOT.version, version);
    // Behind the pieces, which went by message.
    const byMessage = slots.field(slot, SLOT.contract) === CONTRACT.stream;
    const block = byMessage ? NO_BLOCK : this.blockFor(slot, body, tools[tool]?.idempotent === true);
    slots.setField(slot, SLOT.replyBlock, block);
    if (block === NO_BLOCK) {
      this.phases?.encoded(slot, tool);
      this.commitCarried(slot, body);
      return;
    }
    slots.setField(slot, SLOT.replyLength, arena.bytes.write(body, this.slab.offset(block), 'utf8'));
    this.phases?.encoded(slot, tool);
    if (slots.commit(slot, seat) === 'revoked') return;
    const front = this.frontOf(slot);
    this.completions[front]?.push(slot);
    this.ring(front);
  }

  /** Says something to the front of a call. */
  tell(slot: SlotIndex, message: LaneFromWorker): void {
    this.options.lanes[this.frontOf(slot)]?.postMessage(message);
  }

  /**
   * The request's own block if the reply fits, else a larger one, else NO_BLOCK. A request that may run once more stays
   * whole until the reply is: this thread can end in the middle of writing it.
   */
  private blockFor(slot: SlotIndex, body: string, keepsRequest: boolean): BlockIndex | typeof NO_BLOCK {
    if (keepsRequest) return this.slab.take(Buffer.byteLength(body));
    const own = this.options.arena.slots.field(slot, SLOT.requestBlock);
    // A UTF-16 unit takes at most three bytes of UTF-8.
    if (own !== NO_BLOCK && body.length * 3 <= this.slab.capacity(own as BlockIndex))
      return own as BlockIndex;
    const length = Buffer.byteLength(body);
    if (own !== NO_BLOCK && length <= this.slab.capacity(own as BlockIndex)) return own as BlockIndex;
    return this.slab.take(length);
  }

  /** The slow path: the bytes travel by message, which arrives after the commit it belongs to. */
  private commitCarried(slot: SlotIndex, body: string): void {
    const { arena, lanes, seat } = this.options;
    const generation = generationOf(arena.slots.state(slot));
    const bytes = new TextEncoder().encode(body);
    arena.slots.setField(slot, SLOT.replyLength, bytes.byteLength);
    if (arena.slots.commit(slot, seat) === 'revoked') return;
    lanes[this.frontOf(slot)]?.postMessage(
      { type: 'reply', slot, generation, bytes } satisfies LaneFromWorker,
      [bytes.buffer],
    );
  }

  private frontOf(slot: SlotIndex): number {
    return (slot / this.options.arena.shape.slotsPerFront) | 0;
  }

  /** Wakes that front if it sleeps. */
  private ring(front: number): void {
    if (this.doorbells[front]?.mustRing() === true) this.options.lanes[front]?.postMessage(BELL);
  }
}
