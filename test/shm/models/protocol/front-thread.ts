/**
 * The front: the real Dispatcher, with an event loop whose news other threads of the model bring. What it does when a
 * worker's thread has ended is that of `WorkerPool.afterEnd` and `startThread`.
 */
import type { FrontIndex, SeatIndex, SlotIndex, ToolId } from '../../../../src/core/brand.ts';
import type { DispatcherOptions } from '../../../../src/dispatch/dispatcher.ts';
import type { Waiter } from '../../../../src/dispatch/waiter.ts';
import { createMeters, Meters } from '../../../../src/shm/meters.ts';
import { seatHolder } from '../../../../src/shm/slab.ts';
import { NO_IDENTITY, NO_TARGET } from '../../../../src/wire/context-frame.ts';
import { CONTRACT } from '../../../../src/wire/contract.ts';
import { OUTCOMES } from '../../../../src/wire/outcome.ts';
import { BELL, type LaneToWorker } from '../../../../src/wire/to-worker.ts';
import type { Hands, Program } from '../../../support/explorer-thread.ts';
import { HandTimers } from './hand-timers.ts';
import { privateState } from './private-state.ts';
import { ModelClock, type ProtocolArena, protocolArena } from './protocol-arena.ts';
import { BLOCK, MAIL, NEWS, type ProtocolMemory, replyTo } from './protocol-memory.ts';
import { CALL_KINDS, type ProtocolEvent, type ProtocolParts, type ProtocolShape } from './protocol-shape.ts';
import { BODY } from './traced-slots.ts';

/** Where the front says it is when every call has ended and nothing is out of use. */
export const IDLE = 'idle';

const TIMEOUT = 1000;
/** A moment after the deadlines of all calls that came at 0. */
export const LATE = 2 * TIMEOUT;

/** Only reported. */
const DEAD: ReadonlySet<string> = new Set(['counts', 'slabTotal', 'versions', 'records', 'retries', 'ticks']);

/** No tool of the model has one. */
const CIRCUIT: DispatcherOptions['circuit'] = {
  failurePercent: 50,
  windowMs: 1000,
  minCalls: 20,
  pauseMs: 1000,
};

export function frontThread(
  parts: ProtocolParts,
  shape: ProtocolShape,
  memory: ProtocolMemory,
): Program<ProtocolEvent> {
  const metersShape = { fronts: 1, seats: shape.workers, outcomes: OUTCOMES };
  const meters = new Meters(createMeters(metersShape), metersShape);
  return (hands) => {
    const timers = new HandTimers();
    timers.during(() => new Front(parts, shape, memory, meters, hands, timers).run());
  };
}

class Front {
  private readonly shape: ProtocolShape;
  private readonly memory: ProtocolMemory;
  private readonly hands: Hands<ProtocolEvent>;
  private readonly timers: HandTimers;
  private readonly arena: ProtocolArena;
  private readonly dispatcher: InstanceType<ProtocolParts['Dispatcher']>;
  private readonly labels = new Map<object, string>();
  private submitted = 0;
  /** The call whose client may leave, while it has no answer. */
  private leaver: { readonly slot: SlotIndex; readonly waiter: Waiter } | undefined;

  constructor(
    parts: ProtocolParts,
    shape: ProtocolShape,
    memory: ProtocolMemory,
    meters: Meters,
    hands: Hands<ProtocolEvent>,
    timers: HandTimers,
  ) {
    this.shape = shape;
    this.memory = memory;
    this.hands = hands;
    this.timers = timers;
    this.arena = protocolArena(parts, shape, memory, hands, undefined);
    const options: DispatcherOptions = {
      arena: this.arena,
      front: 0 as FrontIndex,
      clock: new ModelClock(memory, hands),
      meters,
      queueLimit: shape.slots,
      workers: shape.workers,
      concurrency: shape.slots,
      fairShare: false,
      circuit: CIRCUIT,
      onCircuit: () => undefined,
      phases: false,
      post: (seat, message) => this.post(seat, message),
      onOverdue: () => undefined,
    };
    for (const known of [options, ...Object.values(options), ...Object.values(this.arena)]) {
      if (typeof known === 'object') this.labels.set(known, `part ${this.labels.size}`);
    }
    this.labels.set(this.arena.completions(options.front), 'completions');
    this.labels.set(this.arena.doorbell(options.front), 'doorbell');
    this.labels.set(hands.seam, 'seam');
    this.labels.set(hands.words, 'words');
    this.dispatcher = new parts.Dispatcher(options);
    for (const [tool, kind] of CALL_KINDS.entries()) {
      const rules = {
        plugin: 'model',
        tool: kind,
        breaker: false,
        maxInFlight: undefined,
        maxWaiting: undefined,
      };
      this.dispatcher.setRules(tool as ToolId, { ...rules, idempotent: kind === 'idempotent' });
    }
  }

  /** One turn of the event loop after the other. */
  run(): void {
    const { hands, memory, timers } = this;
    for (;;) {
      hands.settle(() => this.state());
      const news = this.hear();
      if (news === 0 && !this.submitNext()) hands.seam.wait(hands.words, memory.inbox, 0);
      else if (news !== 0) this.handle(news);
      timers.endTurn();
    }
  }

  private state(): string {
    const { dispatcher, shape, timers } = this;
    const over = this.submitted === shape.calls.length && this.inUse === 0;
    const own = privateState(dispatcher, this.labels, DEAD);
    return `${over ? IDLE : 'busy'} ${this.submitted} ${this.leaver?.slot} ${timers} ${own}`;
  }

  private get inUse(): number {
    const { inFlight, lingering } = this.dispatcher;
    // A negative one would be a slot that was put back twice.
    return inFlight === 0 && lingering === 0 ? 0 : Math.max(1, inFlight + lingering);
  }

  /** Takes one bit of news, the one heard first; 0: there is none. */
  private hear(): number {
    const { seam, words, oneStep } = this.hands;
    return oneStep(() => {
      const news = seam.load(words, this.memory.inbox);
      if (news === 0) return 0;
      const first = 1 << (31 - Math.clz32(news));
      seam.and(words, this.memory.inbox, ~first);
      return first;
    });
  }

  private handle(news: number): void {
    const { dispatcher, leaver } = this;
    if (news === NEWS.bell) dispatcher.receive(0 as SeatIndex, BELL);
    else if (news === NEWS.tick) this.timers.tick();
    else if (news === NEWS.died) this.bury();
    else if (leaver !== undefined) {
      this.leaver = undefined;
      this.hands.emit({ did: 'left', n: this.shape.leaves ?? 0 });
      dispatcher.cancel(leaver.slot, leaver.waiter);
    }
  }

  private submitNext(): boolean {
    const { shape, dispatcher, hands } = this;
    const kind = shape.calls[this.submitted];
    if (kind === undefined || this.inUse >= shape.slots) return false;
    const n = ++this.submitted;
    const waiter = this.waiterOf(n);
    const tool = CALL_KINDS.indexOf(kind) as ToolId;
    const call = {
      tool,
      timeoutMs: TIMEOUT,
      budgetMs: 0,
      identity: NO_IDENTITY,
      contract: CONTRACT.envelope,
      target: NO_TARGET,
      sequence: n,
    };
    const slot = dispatcher.submit(call, BODY, waiter);
    if (typeof slot !== 'number') hands.emit({ did: 'refused', n });
    else if (n === shape.leaves) this.leaver = { slot, waiter };
    return true;
  }

  private waiterOf(n: number): Waiter {
    const waiter: Waiter = {
      reply: (_status, body) => {
        const content = this.arena.slots.contentOf(body.byteOffset / BLOCK);
        if (content !== replyTo(n)) throw new Error(`call ${n} gets the bytes ${content}`);
        this.end(n, { did: 'replied', n });
      },
      fail: (code) => this.end(n, { did: 'failed', n, code }),
    };
    this.labels.set(waiter, `waiter ${n}`);
    return waiter;
  }

  private end(n: number, event: ProtocolEvent): void {
    if (n === this.shape.leaves) this.leaver = undefined;
    this.hands.emit(event);
  }

  private post(seat: SeatIndex, message: LaneToWorker): void {
    if (message !== BELL) throw new Error('the model has blocks for every request');
    const { seam, words, oneStep } = this.hands;
    const at = this.memory.mail[seat] ?? 0;
    oneStep(() => {
      seam.or(words, at, MAIL.bell);
      seam.notify(words, at);
    });
  }

  /** A thread has ended: answer what it held, free its seat, replace it. */
  private bury(): void {
    const { arena, dispatcher, memory } = this;
    const { seam, words, sameStep, oneStep } = this.hands;
    const seat = (sameStep(() => seam.load(words, memory.died)) - 1) as SeatIndex;
    arena.common.parking.forget(seat);
    dispatcher.sweep(seat);
    dispatcher.slab.reclaim(seatHolder(seat));
    arena.seats.reset(seat);
    arena.common.parking.forget(seat);
    oneStep(() => {
      seam.store(words, memory.vacancy, seat + 1);
      seam.notify(words, memory.vacancy);
    });
  }
}
