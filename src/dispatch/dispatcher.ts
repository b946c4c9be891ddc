/**
 * One front's side of shared memory: from the bytes of a request to the bytes of its answer.
 *
 *   submit ──► … a worker claims, runs, replies … ──► pump ──► waiter.reply
 *     └── cancel (client gone) · expire (deadline) · sweep (worker died) ──► waiter.fail
 *
 * Belongs to one thread and never blocks. A slot comes back in exactly one of three ways: through the
 * completion queue (`pump`), by `withdraw` before any worker started it, or by `sweep` after the worker's
 * thread has ended. Until then slot and block stay out of use, even when the waiter was answered long ago
 * (deadline) or has gone: the worker may still write to them.
 */
import type {
  BlockIndex,
  FrontIndex,
  Micros,
  Millis,
  SeatIndex,
  SlotIndex,
  ToolId,
  VersionId,
} from '../core/brand.ts';
import { type Clock, elapsed, micros, millis } from '../core/clock.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Arena } from '../shm/arena.ts';
import type { CompletionQueue } from '../shm/completion-queue.ts';
import type { Doorbell } from '../shm/doorbell.ts';
import { SLOT } from '../shm/layout.ts';
import type { Meters } from '../shm/meters.ts';
import { EMPTY } from '../shm/ring.ts';
import { frontHolder, NO_BLOCK, type Slab, type SlabCounts } from '../shm/slab.ts';
import { generationOf, PHASE, phaseOf, seatOf } from '../shm/state-word.ts';
import { type CallIdentity, frameLength, writeFrame } from '../wire/context-frame.ts';
import type { LaneFromWorker } from '../wire/from-worker.ts';
import { CLIENT_GONE, outcomeOf } from '../wire/outcome.ts';
import { BELL, type LaneToWorker } from '../wire/to-worker.ts';
import { VersionCounts } from './version-counts.ts';
import type { Waiter } from './waiter.ts';
import { WakeUps } from './wake-ups.ts';

/** How often deadlines are looked at, in ms: a 504 comes at most this much late. */
const TICK = 10;
/** Ticks without any call before the timer stops. */
const IDLE_TICKS = 100;
/** One call as its front hands it over. */
export interface CallRequest {
  readonly tool: ToolId;
  /** Milliseconds from now to the deadline. */
  readonly timeoutMs: number;
  readonly identity: CallIdentity;
  /** The call's number at this front; completes a made request id. */
  readonly sequence: number;
}

export interface DispatcherOptions {
  readonly arena: Arena;
  readonly front: FrontIndex;
  readonly clock: Clock;
  readonly meters: Meters;
  /** Calls that may wait unstarted. */
  readonly queueLimit: number;
  /** Sends to the lane port of the worker in that seat; a seat without a worker is ignored. */
  readonly post: (seat: SeatIndex, message: LaneToWorker) => void;
  /** A started call has missed its deadline: somebody should see whether its worker still reacts. */
  readonly onOverdue: (seat: SeatIndex) => void;
}

export class Dispatcher {
  private readonly arena: Arena;
  private readonly front: FrontIndex;
  private readonly clock: Clock;
  private readonly meters: Meters;
  private readonly queueLimit: number;
  private readonly post: DispatcherOptions['post'];
  private readonly onOverdue: DispatcherOptions['onOverdue'];
  private readonly completions: CompletionQueue;
  private readonly doorbell: Doorbell;
  private readonly wakeUps: WakeUps;
  readonly slab: Slab;
  /** What each version of a plugin has answered. */
  readonly versions = new VersionCounts();

  private readonly slabTotal: SlabCounts = { hits: 0, misses: 0, upgrades: 0, fallbacks: 0 };

  private readonly firstSlot: number;
  /** Free slots, last used on top: its lines are still in the cache. */
  private readonly free: SlotIndex[] = [];
  /** By slot minus firstSlot. Undefined: nobody waits (any more). */
  private readonly waiters: (Waiter | undefined)[];
  private readonly deadlines: Int32Array;
  /** Bodies that found no block, until their worker asks for them. */
  private readonly heapBodies = new Map<SlotIndex, Uint8Array>();
  /** Slots out of use: waiting, running, or answered while a worker still holds them. */
  private held = 0;
  /** Calls somebody waits for. */
  private waiting = 0;
  /** Most entries of the submission queue that can be those of withdrawn calls. */
  private withdrawn = 0;
  private timer: NodeJS.Timeout | undefined;
  private idleTicks = 0;
  private emptyListener: (() => void) | undefined;

  constructor(options: DispatcherOptions) {
    const { arena, front } = options;
    this.arena = arena;
    this.front = front;
    this.clock = options.clock;
    this.meters = options.meters;
    this.queueLimit = options.queueLimit;
    this.post = options.post;
    this.onOverdue = options.onOverdue;
    this.completions = arena.completions(front);
    this.doorbell = arena.doorbell(front);
    this.wakeUps = new WakeUps(arena, options.post);
    this.slab = arena.slab(frontHolder(front));
    const slots = arena.shape.slotsPerFront;
    this.firstSlot = front * slots;
    for (let slot = slots - 1; slot >= 0; slot--) this.free.push((this.firstSlot + slot) as SlotIndex);
    this.waiters = Array.from({ length: slots }, () => undefined);
    this.deadlines = new Int32Array(slots);
    this.doorbell.fallAsleep();
  }

  /**
   * Copies the body into shared memory and queues the call. Returns the slot, the handle for `cancel`, or
   * the reason why the call was refused; then nothing was kept and the waiter will not be called.
   */
  submit(request: CallRequest, body: Uint8Array, waiter: Waiter): SlotIndex | ErrorCode {
    if (this.held >= this.queueLimit && this.queueIsFull()) return 'QUEUE_FULL';
    const slot = this.free.pop();
    if (slot === undefined) return 'QUEUE_FULL';
    const { slots, bytes } = this.arena;
    const contextLength = frameLength(request.identity);
    const block = this.slab.take(contextLength + body.byteLength);
    if (block === NO_BLOCK) {
      const kept = Buffer.allocUnsafeSlow(contextLength + body.byteLength);
      if (contextLength > 0) writeFrame(kept, 0, request.identity);
      kept.set(body, contextLength);
      this.heapBodies.set(slot, kept);
    } else {
      const offset = this.slab.offset(block);
      if (contextLength > 0) writeFrame(bytes, offset, request.identity);
      bytes.set(body, offset + contextLength);
    }
    const now = this.clock.now();
    const deadline = millis(now + request.timeoutMs);
    slots.setField(slot, SLOT.tool, request.tool);
    slots.setField(slot, SLOT.requestBlock, block);
    slots.setField(slot, SLOT.contextLength, contextLength);
    slots.setField(slot, SLOT.bodyLength, body.byteLength);
    slots.setField(slot, SLOT.deadline, deadline);
    slots.setField(slot, SLOT.submittedAt, micros(now));
    slots.setField(slot, SLOT.sequence, request.sequence);
    this.waiters[slot - this.firstSlot] = waiter;
    this.deadlines[slot - this.firstSlot] = deadline;
    this.held++;
    this.waiting++;
    if (this.push(slot) === 'full') {
      this.settle(slot);
      this.putBack(slot);
      return 'QUEUE_FULL';
    }
    this.wakeUps.queued(this.held);
    if (this.timer === undefined) this.startTimer();
    return slot;
  }

  /** While all workers are busy, nobody passes the entries of withdrawn calls: they may have filled the ring. */
  private push(slot: SlotIndex): 'pushed' | 'full' {
    const { submissions } = this.arena;
    if (submissions.push(slot) === 'pushed') return 'pushed';
    this.passWithdrawn();
    return submissions.push(slot);
  }

  /**
   * The queue also holds entries of withdrawn calls, anywhere, and some of their slots wait anew further
   * behind. Where those could make the difference, the slots themselves are counted.
   */
  private queueIsFull(): boolean {
    const { submissions, slots, shape } = this.arena;
    const depth = submissions.depth();
    if (depth < this.queueLimit) return false;
    if (depth - this.withdrawn >= this.queueLimit) return true;
    let waiting = 0;
    for (let slot = 0; slot < shape.fronts * shape.slotsPerFront; slot++) {
      if (phaseOf(slots.state(slot as SlotIndex)) === PHASE.QUEUED) waiting++;
    }
    this.withdrawn = Math.max(0, depth - waiting);
    return waiting >= this.queueLimit;
  }

  private passWithdrawn(): void {
    const { submissions, slots } = this.arena;
    submissions.trim((slot) => phaseOf(slots.state(slot)) === PHASE.QUEUED);
  }

  /** The waiter has gone. A call no worker has started will not be; a started one sees its signal. */
  cancel(slot: SlotIndex, waiter: Waiter): void {
    if (this.waiters[slot - this.firstSlot] !== waiter) return;
    this.count(slot, CLIENT_GONE, micros(this.clock.now()));
    this.settle(slot);
    this.abandon(slot);
  }

  /** Takes the call back, or tells the worker that has it. 'started' with the worker's seat. */
  private abandon(slot: SlotIndex): SeatIndex | undefined {
    const { slots, seats } = this.arena;
    if (slots.withdraw(slot) === 'withdrawn') {
      this.withdrawn++;
      this.putBack(slot);
      return undefined;
    }
    const word = slots.state(slot);
    // DONE: its reply is in the completion queue, pump puts the slot back.
    if (phaseOf(word) !== PHASE.CLAIMED) return undefined;
    const seat = seatOf(word);
    slots.cancel(slot, generationOf(word));
    seats.announceCancellation(seat);
    this.wakeUps.alert(seat);
    return seat;
  }

  /** Handles a message from a worker's lane port. */
  receive(seat: SeatIndex, message: LaneFromWorker): void {
    if (message === BELL) {
      this.answerBell();
      return;
    }
    const word = this.arena.slots.state(message.slot);
    const current = generationOf(word) === message.generation && seatOf(word) === seat;
    switch (message.type) {
      case 'pull': {
        const { slot, generation } = message;
        const bytes = current ? this.heapBodies.get(slot) : undefined;
        this.heapBodies.delete(slot);
        this.post(seat, { type: 'body', front: this.front, slot, generation, bytes });
        return;
      }
      case 'reply':
        if (current && phaseOf(word) === PHASE.DONE)
          this.deliver(message.slot, message.bytes, micros(this.clock.now()));
        return;
      default:
        message satisfies never;
    }
  }

  private answerBell(): void {
    this.pump();
    this.doorbell.fallAsleep();
    // Whatever was pushed before "asleep" was visible has not rung: look once more.
    this.pump();
    this.wakeUps.wakeIfUnattended();
  }

  /** Hands every finished reply to its waiter. */
  pump(): void {
    let slot = this.completions.pop();
    if (slot === EMPTY) return;
    const now = micros(this.clock.now());
    const { slots } = this.arena;
    for (; slot !== EMPTY; slot = this.completions.pop()) {
      if (phaseOf(slots.state(slot)) === PHASE.DONE) this.deliver(slot, undefined, now);
    }
  }

  /** `carried`: the reply's bytes where they came by message. */
  private deliver(slot: SlotIndex, carried: Uint8Array | undefined, now: Micros): void {
    const { slots, bytes } = this.arena;
    const waiter = this.waiters[slot - this.firstSlot];
    const block = slots.field(slot, SLOT.replyBlock);
    if (waiter !== undefined) {
      const outcome = slots.field(slot, SLOT.outcome);
      const version = slots.field(slot, SLOT.version) as VersionId;
      this.count(slot, outcome, now);
      this.countWait(slot);
      this.versions.count(version, outcome);
      this.settle(slot);
      const length = slots.field(slot, SLOT.replyLength);
      const body = carried ?? new Uint8Array(bytes.buffer, this.slab.offset(block as BlockIndex), length);
      waiter.reply(slots.field(slot, SLOT.status), body, version);
    }
    if (block !== NO_BLOCK && block !== slots.field(slot, SLOT.requestBlock)) {
      this.slab.give(block as BlockIndex);
    }
    slots.release(slot);
    this.putBack(slot);
  }

  /** Answers every call past its deadline; those no worker has started never will be. */
  private expire(): void {
    const now = millis(this.clock.now());
    for (let index = 0; index < this.waiters.length; index++) {
      const waiter = this.waiters[index];
      if (waiter === undefined || elapsed(this.deadlines[index] as Millis, now) < 0) continue;
      const slot = (this.firstSlot + index) as SlotIndex;
      this.failWaiter(slot, 'DEADLINE_EXCEEDED');
      const seat = this.abandon(slot);
      if (seat !== undefined) this.onOverdue(seat);
    }
  }

  /**
   * Answers everything the worker in `seat` left behind. Only after its thread has ended and its lane port
   * has been read to the end; afterwards nothing of it can arrive any more.
   */
  sweep(seat: SeatIndex): { readonly delivered: number; readonly failed: number } {
    const { slots } = this.arena;
    let delivered = 0;
    let failed = 0;
    this.pump();
    for (let index = 0; index < this.waiters.length; index++) {
      const slot = (this.firstSlot + index) as SlotIndex;
      const word = slots.state(slot);
      if (seatOf(word) !== seat) continue;
      // Committed, but the thread died before it could say so.
      if (phaseOf(word) === PHASE.DONE && slots.field(slot, SLOT.replyBlock) !== NO_BLOCK) {
        this.deliver(slot, undefined, micros(this.clock.now()));
        delivered++;
        continue;
      }
      if (phaseOf(word) === PHASE.DONE) slots.release(slot);
      else if (slots.reclaim(slot, seat) === 'not-held') continue;
      this.failWaiter(slot, 'WORKER_DIED');
      this.putBack(slot);
      failed++;
    }
    // The thread may have won the bell and died before it rang: nobody would ring again. And calls may wait that
    // relied on it.
    this.answerBell();
    return { delivered, failed };
  }

  /** Answers every call with this code, whatever becomes of it; the end of a shutdown. */
  failAll(code: ErrorCode): void {
    for (let index = 0; index < this.waiters.length; index++) {
      if (this.waiters[index] === undefined) continue;
      const slot = (this.firstSlot + index) as SlotIndex;
      this.failWaiter(slot, code);
      this.abandon(slot);
    }
  }

  private failWaiter(slot: SlotIndex, code: ErrorCode): void {
    const waiter = this.waiters[slot - this.firstSlot];
    if (waiter === undefined) return;
    this.count(slot, outcomeOf(code), micros(this.clock.now()));
    this.settle(slot);
    waiter.fail(code);
  }

  private count(slot: SlotIndex, outcome: number, now: Micros): void {
    const { slots } = this.arena;
    const submittedAt = slots.field(slot, SLOT.submittedAt) as Micros;
    this.meters.recordCall(
      this.front,
      slots.field(slot, SLOT.tool) as ToolId,
      outcome,
      elapsed(submittedAt, now),
    );
  }

  private countWait(slot: SlotIndex): void {
    const { slots } = this.arena;
    const claimedAt = slots.field(slot, SLOT.claimedAt) as Micros;
    const submittedAt = slots.field(slot, SLOT.submittedAt) as Micros;
    this.meters.recordWait(
      this.front,
      slots.field(slot, SLOT.tool) as ToolId,
      elapsed(submittedAt, claimedAt),
    );
  }

  /** Nobody waits for this slot's call any more. */
  private settle(slot: SlotIndex): void {
    this.waiters[slot - this.firstSlot] = undefined;
    this.waiting--;
    if (this.waiting === 0 && this.emptyListener !== undefined) {
      const listener = this.emptyListener;
      this.emptyListener = undefined;
      queueMicrotask(listener);
    }
  }

  /** The slot and its request block are the front's again; no other thread can write to them. */
  private putBack(slot: SlotIndex): void {
    const block = this.arena.slots.field(slot, SLOT.requestBlock);
    if (block === NO_BLOCK) this.heapBodies.delete(slot);
    else this.slab.give(block as BlockIndex);
    this.free.push(slot);
    this.held--;
  }

  private startTimer(): void {
    this.idleTicks = 0;
    this.timer = setInterval(() => {
      this.idleTicks = this.waiting === 0 ? this.idleTicks + 1 : 0;
      if (this.idleTicks < IDLE_TICKS) {
        this.expire();
        this.wakeUps.rescue();
        return;
      }
      clearInterval(this.timer);
      this.timer = undefined;
    }, TICK);
    this.timer.unref();
  }

  /** How many calls of these tools no worker has started yet. */
  waitingOf(tools: ReadonlySet<ToolId>): number {
    const { slots } = this.arena;
    let waiting = 0;
    for (let index = 0; index < this.waiters.length; index++) {
      const slot = (this.firstSlot + index) as SlotIndex;
      if (phaseOf(slots.state(slot)) !== PHASE.QUEUED) continue;
      if (tools.has(slots.field(slot, SLOT.tool) as ToolId)) waiting++;
    }
    return waiting;
  }

  /** Resolves when no call waits for an answer; at once if none does. */
  whenEmpty(): Promise<void> {
    if (this.waiting === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.emptyListener;
      this.emptyListener = () => {
        before?.();
        resolve();
      };
    });
  }

  /** Calls somebody waits for. */
  get inFlight(): number {
    return this.waiting;
  }

  /** Slots a worker still holds although their callers have been answered. */
  get lingering(): number {
    return this.held - this.waiting;
  }

  /** How this front's requests for blocks were served, since the start. */
  get slabCounts(): Readonly<SlabCounts> {
    const latest = this.slab.takeCounts();
    const total = this.slabTotal;
    total.hits += latest.hits;
    total.misses += latest.misses;
    total.upgrades += latest.upgrades;
    total.fallbacks += latest.fallbacks;
    return total;
  }

  /** Stops the timer; the dispatcher must not be used afterwards. */
  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
