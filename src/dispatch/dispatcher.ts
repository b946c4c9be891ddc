/**
 * One front's side of shared memory: from the bytes of a request to the bytes of its answer.
 *
 *   submit ──► (line of its tool) ──► … a worker claims, runs, replies … ──► pump ──► waiter.reply
 *     └── cancel (client gone) · expire (deadline) · sweep (worker died) ──► waiter.fail, or once more
 *
 * Belongs to one thread and never blocks. A slot comes back in exactly one of three ways: through the
 * completion queue (`pump`), by `abandon` before any worker started it, or by `sweep` after the worker's
 * thread has ended. Until then slot and block stay out of use, even when the waiter was answered long ago
 * (deadline) or has gone: the worker may still write to them.
 */

import type { CircuitRules } from '../circuit/circuit.ts';
import type {
  BlockIndex,
  FrontIndex,
  Micros,
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
import { CONTRACT } from '../wire/contract.ts';
import type { LaneFromWorker } from '../wire/from-worker.ts';
import { CLIENT_GONE, isOfCode, outcomeOf } from '../wire/outcome.ts';
import { BELL, type LaneToWorker } from '../wire/to-worker.ts';
import { Admission } from './admission.ts';
import { CallRecords } from './call-records.ts';
import type { CircuitListener, CircuitView } from './circuits.ts';
import { Glance } from './glance.ts';
import { Queues } from './queues.ts';
import { type Refusal, refusal } from './refusal.ts';
import { type CallRequest, RequestBytes } from './request-bytes.ts';
import { SlotBook } from './slot-book.ts';
import type { SlowCalls } from './slow-calls.ts';
import type { ToolRules } from './tool-rules.ts';
import { VersionCounts } from './version-counts.ts';
import type { Waiter } from './waiter.ts';

/** How often deadlines are looked at, in ms: a 504 comes at most this much late. */
const TICK = 10;
/** Ticks without any call before the timer stops. */
const IDLE_TICKS = 100;
/** Ticks between two looks at who is still about. */
const FORGET_EVERY = 10;

/** What became of the calls a dead worker held. */
export interface SweepResult {
  /** Their replies were complete. */
  readonly delivered: number;
  readonly failed: number;
  /** They run once more. */
  readonly retried: number;
}

export interface DispatcherOptions {
  readonly arena: Arena;
  readonly front: FrontIndex;
  readonly clock: Clock;
  readonly meters: Meters;
  /** Calls that may wait unstarted. */
  readonly queueLimit: number;
  /** Workers wanted, and calls one of them runs at the same time. */
  readonly workers: number;
  readonly concurrency: number;
  /** Plugins that use less than their part find room whatever the others do. */
  readonly fairShare: boolean;
  readonly circuit: CircuitRules;
  readonly onCircuit: CircuitListener;
  /** Workers measure the phases of calls. */
  readonly phases: boolean;
  /** Sends to the lane port of the worker in that seat; a seat without a worker is ignored. */
  readonly post: (seat: SeatIndex, message: LaneToWorker) => void;
  /** A started call has missed its deadline: somebody should see whether its worker still reacts. */
  readonly onOverdue: (seat: SeatIndex) => void;
}

export class Dispatcher {
  private readonly arena: Arena;
  private readonly front: FrontIndex;
  private readonly clock: Clock;
  private readonly queueLimit: number;
  private readonly hasPhases: boolean;
  private readonly post: DispatcherOptions['post'];
  private readonly onOverdue: DispatcherOptions['onOverdue'];
  private readonly completions: CompletionQueue;
  private readonly doorbell: Doorbell;
  private readonly queues: Queues;
  private readonly admission: Admission;
  private readonly glance: Glance;
  readonly records: CallRecords;
  readonly slab: Slab;
  /** What each version of a plugin has answered. */
  readonly versions = new VersionCounts();

  private readonly slabTotal: SlabCounts = { hits: 0, misses: 0, upgrades: 0, fallbacks: 0 };

  private readonly isOnlyFront: boolean;
  private readonly queuedNow = { atMost: 0, count: (): number => this.queuedCalls() };
  private readonly book: SlotBook;
  private readonly requests: RequestBytes;
  /** Calls run once more because their worker died, by tool. */
  readonly retries = new Map<ToolId, number>();
  private timer: NodeJS.Timeout | undefined;
  private idleTicks = 0;
  private ticks = 0;

  constructor(options: DispatcherOptions) {
    const { arena, front } = options;
    this.arena = arena;
    this.front = front;
    this.clock = options.clock;
    this.queueLimit = options.queueLimit;
    this.hasPhases = options.phases;
    this.post = options.post;
    this.onOverdue = options.onOverdue;
    this.completions = arena.completions(front);
    this.doorbell = arena.doorbell(front);
    this.slab = arena.slab(frontHolder(front));
    this.isOnlyFront = arena.shape.fronts === 1;
    const slots = arena.shape.slotsPerFront;
    this.book = new SlotBook(front * slots, slots);
    this.requests = new RequestBytes(arena, this.slab);
    this.admission = new Admission(options, front * slots, slots);
    const { bulkheads } = this.admission;
    this.queues = new Queues({ ...options, onPartition: (heavy) => bulkheads.setKeptApart(heavy) });
    this.glance = new Glance(arena, bulkheads);
    this.records = new CallRecords(arena.slots, options.meters, front, options.clock);
    this.doorbell.fallAsleep();
  }

  /** What holds for calls of this tool from now on. Tools nobody describes have no limits of their own. */
  setRules(tool: ToolId, rules: ToolRules): void {
    this.admission.setRules(tool, rules);
  }

  /** The workers that serve from now on. */
  setServing(seats: readonly SeatIndex[]): void {
    const now = this.clock.now();
    const { bulkheads } = this.admission;
    bulkheads.setServing(seats.length, now);
    // What a worker that has been given up, or drains, has started may take long to end.
    for (const slot of this.book.all()) {
      const word = this.arena.slots.state(slot);
      if (phaseOf(word) === PHASE.CLAIMED && !seats.includes(seatOf(word))) bulkheads.excuse(slot);
    }
    this.queues.setServing(seats);
    this.startWaiting(now);
  }

  /** New code is behind this tool: what the old one did is not held against it. */
  renew(tool: ToolId): void {
    this.admission.circuits.reset(tool);
  }

  /**
   * Takes a call: copies its body into shared memory and queues it. Returns the slot, the handle for `cancel`, or
   * the reason why the call was refused; then nothing was kept and the waiter will not be called.
   */
  submit(request: CallRequest, body: Uint8Array, waiter: Waiter): SlotIndex | Refusal {
    const now = this.clock.now();
    // Nothing is queued that this front does not hold, unless there are others.
    this.queuedNow.atMost = this.isOnlyFront ? this.book.held : Number.POSITIVE_INFINITY;
    const refused = this.admission.judge(request.tool, request.budgetMs, this.queuedNow, now);
    if (refused !== undefined) return this.refuse(request.tool, refused);
    const deadline = millis(now + request.timeoutMs);
    const slot = this.book.take(waiter, deadline);
    if (slot === undefined) return this.refuse(request.tool, refusal('QUEUE_FULL'));
    this.requests.write(slot, request, body, deadline, now);
    if (this.admission.take(slot, request.tool, now) === 'start' && this.push(slot) === 'full') {
      this.admission.circuits.ignored(slot);
      this.book.settle(slot);
      this.putBack(slot, now);
      return this.refuse(request.tool, refusal('QUEUE_FULL'));
    }
    if (this.timer === undefined) this.startTimer();
    return slot;
  }

  private refuse(tool: ToolId, refused: Refusal): Refusal {
    this.records.refused(tool, outcomeOf(refused.code));
    return refused;
  }

  private push(slot: SlotIndex): 'pushed' | 'full' {
    const { bulkheads } = this.admission;
    const { held } = this.book;
    if (!bulkheads.heavy.has(slot)) return this.queues.push(slot, 'common', held);
    if (this.queues.openHeavy(bulkheads.threadsOfHeavy())) return this.queues.push(slot, 'heavy', held);
    bulkheads.heavy.remove(slot);
    return this.queues.push(slot, 'common', held);
  }

  /** Sends on what waits in the lines, as far as there is room now. */
  private startWaiting(now: number): void {
    const { bulkheads } = this.admission;
    for (let slot = bulkheads.next(now); slot !== undefined; slot = bulkheads.next(now)) {
      this.pushOrFail(slot, now);
    }
  }

  /** Calls in the submission queue. */
  private queuedCalls(): number {
    return this.queues.waiting(this.queueLimit - this.admission.bulkheads.waiting);
  }

  /** The waiter has gone. A call no worker has started will not be; a started one sees its signal. */
  cancel(slot: SlotIndex, waiter: Waiter): void {
    if (this.book.waiterOf(slot) !== waiter) return;
    const now = this.clock.now();
    this.records.ended(slot, CLIENT_GONE, now);
    this.admission.circuits.ignored(slot);
    this.book.settle(slot);
    this.abandon(slot, now);
  }

  /** Takes the call back, or tells the worker that has it. 'started' with the worker's seat. */
  private abandon(slot: SlotIndex, now: number): SeatIndex | undefined {
    const { slots, seats } = this.arena;
    if (this.admission.bulkheads.isWaiting(slot)) {
      this.putBack(slot, now);
      return undefined;
    }
    if (this.queues.withdraw(slot) === 'withdrawn') {
      this.putBack(slot, now);
      return undefined;
    }
    const word = slots.state(slot);
    // DONE: its reply is in the completion queue, pump puts the slot back.
    if (phaseOf(word) !== PHASE.CLAIMED) return undefined;
    const seat = seatOf(word);
    slots.cancel(slot, generationOf(word));
    seats.announceCancellation(seat);
    this.queues.alert(seat);
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
        const bytes = current ? this.requests.pull(slot, this.isIdempotent(slot)) : undefined;
        this.post(seat, { type: 'body', front: this.front, slot, generation, bytes });
        return;
      }
      case 'piece':
        if (current) this.book.waiterOf(message.slot)?.piece?.(message.text);
        return;
      case 'reply':
        if (current && phaseOf(word) === PHASE.DONE)
          this.deliver(message.slot, message.bytes, this.clock.now());
        return;
      default:
        message satisfies never;
    }
  }

  /** The waiter of a call in pieces has room for so many more. */
  more(slot: SlotIndex, waiter: Waiter, pieces: number): void {
    if (this.book.waiterOf(slot) !== waiter) return;
    const word = this.arena.slots.state(slot);
    if (phaseOf(word) !== PHASE.CLAIMED) return;
    this.post(seatOf(word), { type: 'more', slot, generation: generationOf(word), pieces });
  }

  private answerBell(): void {
    this.pump();
    this.doorbell.fallAsleep();
    // Whatever was pushed before "asleep" was visible has not rung: look once more.
    this.pump();
    this.queues.wakeIfUnattended();
  }

  /** Hands every finished reply to its waiter. */
  pump(): void {
    let slot = this.completions.pop();
    if (slot === EMPTY) return;
    const now = this.clock.now();
    const { slots } = this.arena;
    for (; slot !== EMPTY; slot = this.completions.pop()) {
      if (phaseOf(slots.state(slot)) === PHASE.DONE) this.deliver(slot, undefined, now);
    }
  }

  /** `carried`: the reply's bytes where they came by message. */
  private deliver(slot: SlotIndex, carried: Uint8Array | undefined, now: number): void {
    const { slots, bytes } = this.arena;
    const { bulkheads, circuits } = this.admission;
    const waiter = this.book.waiterOf(slot);
    const block = slots.field(slot, SLOT.replyBlock);
    // Calls that were given up did run; those that were refused did not.
    if (waiter === undefined || isOfCode(slots.field(slot, SLOT.outcome))) {
      const ran = elapsed(slots.field(slot, SLOT.claimedAt) as Micros, micros(now)) / 1000;
      bulkheads.load(this.toolOf(slot)).learn(slots.field(slot, SLOT.cost) / 1000, ran);
    }
    if (waiter !== undefined) {
      const outcome = slots.field(slot, SLOT.outcome);
      const version = slots.field(slot, SLOT.version) as VersionId;
      this.records.ended(slot, outcome, now);
      this.records.waited(slot);
      this.versions.count(version, outcome);
      circuits.answered(slot, outcome, now);
      this.book.settle(slot);
      const length = slots.field(slot, SLOT.replyLength);
      const body = carried ?? new Uint8Array(bytes.buffer, this.slab.offset(block as BlockIndex), length);
      const times = this.hasPhases ? this.records.read(slot) : undefined;
      waiter.reply(slots.field(slot, SLOT.status), body, version, times, outcome);
    }
    if (block !== NO_BLOCK && block !== slots.field(slot, SLOT.requestBlock)) {
      this.slab.give(block as BlockIndex);
    }
    slots.release(slot);
    this.putBack(slot, now);
  }

  /** Answers every call past its deadline; those no worker has started never will be. */
  private expire(now: number): void {
    const time = millis(now);
    for (const slot of this.book.overdue(time)) {
      // Only calls that were started say something about their tool.
      if (phaseOf(this.arena.slots.state(slot)) === PHASE.CLAIMED) this.admission.circuits.failed(slot);
      this.failWaiter(slot, 'DEADLINE_EXCEEDED', now);
      const seat = this.abandon(slot, now);
      if (seat !== undefined) this.onOverdue(seat);
    }
  }

  /**
   * Answers everything the worker in `seat` left behind, or has it run once more. Only after its thread has ended and
   * its lane port has been read to the end; afterwards nothing of it can arrive any more.
   */
  sweep(seat: SeatIndex): SweepResult {
    const { slots, seats } = this.arena;
    const now = this.clock.now();
    const culprit = seats.running(seat);
    let delivered = 0;
    let failed = 0;
    let retried = 0;
    this.pump();
    for (const slot of this.book.all()) {
      const word = slots.state(slot);
      if (seatOf(word) !== seat) continue;
      // Committed, but the thread died before it could say so.
      if (phaseOf(word) === PHASE.DONE && slots.field(slot, SLOT.replyBlock) !== NO_BLOCK) {
        this.deliver(slot, undefined, now);
        delivered++;
        continue;
      }
      if (phaseOf(word) === PHASE.DONE) slots.release(slot);
      else if (slots.reclaim(slot, seat) === 'not-held') continue;
      if (this.retry(slot, now)) {
        retried++;
        continue;
      }
      // The others only happened to be there.
      if (slot === culprit) this.admission.circuits.failed(slot);
      this.failWaiter(slot, 'WORKER_DIED', now);
      this.putBack(slot, now);
      failed++;
    }
    // The thread may have won the bell and died before it rang: nobody would ring again. And calls may wait that
    // relied on it.
    this.answerBell();
    return { delivered, failed, retried };
  }

  /**
   * Queues a call of a dead worker again, if its tool bears that and it was the first time. Its request is whole: workers
   * write the replies of such tools into blocks of their own.
   */
  private retry(slot: SlotIndex, now: number): boolean {
    const { book } = this;
    if (book.waiterOf(slot) === undefined || !this.isIdempotent(slot)) return false;
    // Some of its pieces may have gone out.
    if (this.arena.slots.field(slot, SLOT.contract) === CONTRACT.stream) return false;
    if (book.isOverdue(slot, millis(now)) || !book.noteRetry(slot) || this.push(slot) === 'full')
      return false;
    const tool = this.toolOf(slot);
    this.retries.set(tool, (this.retries.get(tool) ?? 0) + 1);
    return true;
  }

  private toolOf(slot: SlotIndex): ToolId {
    return this.arena.slots.field(slot, SLOT.tool) as ToolId;
  }

  private isIdempotent(slot: SlotIndex): boolean {
    return this.admission.rulesOf(this.toolOf(slot)).idempotent;
  }

  /** Answers every call with this code, whatever becomes of it; the end of a shutdown. */
  failAll(code: ErrorCode): void {
    const now = this.clock.now();
    for (const slot of this.book.awaited()) {
      this.failWaiter(slot, code, now);
      this.abandon(slot, now);
    }
  }

  private failWaiter(slot: SlotIndex, code: ErrorCode, now: number): void {
    const waiter = this.book.waiterOf(slot);
    if (waiter === undefined) return;
    this.records.ended(slot, outcomeOf(code), now);
    // Whoever knows better has said so before.
    this.admission.circuits.ignored(slot);
    this.book.settle(slot);
    waiter.fail(code);
  }

  /** The slot and its request's bytes are the front's again; no other thread can write to them. */
  private putBack(slot: SlotIndex, now: number): void {
    this.admission.bulkheads.leave(slot, now);
    this.requests.free(slot);
    this.book.putBack(slot);
    this.startWaiting(now);
  }

  private startTimer(): void {
    this.idleTicks = 0;
    this.timer = setInterval(() => {
      this.idleTicks = this.book.waiting === 0 ? this.idleTicks + 1 : 0;
      if (this.idleTicks < IDLE_TICKS) {
        this.tick();
        return;
      }
      clearInterval(this.timer);
      this.timer = undefined;
    }, TICK);
    this.timer.unref();
  }

  private tick(): void {
    const now = this.clock.now();
    const { bulkheads } = this.admission;
    this.ticks++;
    this.expire(now);
    this.glance.look(this.book.all(), now);
    if (this.ticks % FORGET_EVERY === 0) {
      bulkheads.forget(now);
      this.queues.review(bulkheads.threadsOfHeavy());
      if (bulkheads.heavy.count > 0 && this.queues.isHeavyClosed && !bulkheads.isAwaited)
        this.recallHeavy(now);
    }
    this.startWaiting(now);
    this.queues.rescue();
  }

  /** Nobody serves the heavy track: what waits there goes to those that are left. */
  private recallHeavy(now: number): void {
    const { bulkheads } = this.admission;
    for (const slot of this.book.all()) {
      if (!bulkheads.heavy.has(slot) || phaseOf(this.arena.slots.state(slot)) !== PHASE.QUEUED) continue;
      if (this.queues.withdraw(slot) === 'started') continue;
      bulkheads.heavy.remove(slot);
      this.pushOrFail(slot, now);
    }
  }

  private pushOrFail(slot: SlotIndex, now: number): void {
    if (this.push(slot) === 'pushed') return;
    this.admission.circuits.ignored(slot);
    this.failWaiter(slot, 'QUEUE_FULL', now);
    this.putBack(slot, now);
  }

  /** How many calls of these tools no worker has started yet. */
  waitingOf(tools: ReadonlySet<ToolId>): number {
    const { slots } = this.arena;
    let waiting = 0;
    for (const tool of tools) waiting += this.admission.bulkheads.waitingOf(tool);
    for (const slot of this.book.all()) {
      if (phaseOf(slots.state(slot)) !== PHASE.QUEUED) continue;
      if (tools.has(slots.field(slot, SLOT.tool) as ToolId)) waiting++;
    }
    return waiting;
  }

  /** Resolves when no call waits for an answer; at once if none does. */
  whenEmpty(): Promise<void> {
    return this.book.whenEmpty();
  }

  /** Calls that wait for a worker. */
  get queued(): number {
    return this.queuedCalls() + this.admission.bulkheads.waiting;
  }

  /** The circuits of all tools that have one. */
  circuits(): readonly CircuitView[] {
    return this.admission.circuits.view();
  }

  /** How often each tool's circuit has opened. */
  get circuitOpenings(): ReadonlyMap<ToolId, number> {
    return this.admission.circuits.openings;
  }

  /** The slowest calls of the last while; nothing where phases are not measured. */
  get slowCalls(): SlowCalls {
    return this.records.slowCalls;
  }

  /** Calls somebody waits for. */
  get inFlight(): number {
    return this.book.waiting;
  }

  /** Slots a worker still holds although their callers have been answered. */
  get lingering(): number {
    return this.book.held - this.book.waiting;
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
    this.admission.close();
  }
}
