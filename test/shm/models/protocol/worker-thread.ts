/**
 * A worker: the real Runner, in a loop that takes the steps of `ServeLoop` without its waiting by the clock: claim and
 * start what there is, see to cancellations, park, look once more, sleep.
 */

import { MessageChannel } from 'node:worker_threads';
import type { FrontIndex, SeatIndex, SlotIndex, VersionId } from '../../../../src/core/brand.ts';
import { PARKED } from '../../../../src/shm/parking.ts';
import { EMPTY } from '../../../../src/shm/ring.ts';
import { BELL } from '../../../../src/wire/to-worker.ts';
import type { BoundTool } from '../../../../workers/bind-tools.ts';
import type { RunnerOptions } from '../../../../workers/runner.ts';
import { ToolCosts } from '../../../../workers/tool-costs.ts';
import type { WorkerLog } from '../../../../workers/worker-log.ts';
import type { Hands, Program } from '../../../support/explorer-thread.ts';
import { noOutbound } from '../../../support/outbound.ts';
import { plainTool } from '../../../support/plain-tool.ts';
import { privateState } from './private-state.ts';
import { fillBlocks, ModelClock, type ProtocolArena, protocolArena } from './protocol-arena.ts';
import { MAIL, NEWS, type ProtocolMemory } from './protocol-memory.ts';
import {
  CALL_KINDS,
  type CallKind,
  type ProtocolEvent,
  type ProtocolParts,
  type ProtocolShape,
} from './protocol-shape.ts';

const FRONT = 0 as FrontIndex;

/** Only reported. */
const DEAD: ReadonlySet<string> = new Set(['counts', 'hasRun', 'controller']);

const OUTBOUND = noOutbound();

const NO_LOG: WorkerLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  // Nothing goes wrong in the plugins of a model, but the explorer stops threads by throwing.
  error: (message, fields) => {
    throw fields?.error ?? new Error(message);
  },
  child: () => NO_LOG,
};

/** `seat` undefined: the successor of whoever dies. */
export function workerThread(
  parts: ProtocolParts,
  shape: ProtocolShape,
  memory: ProtocolMemory,
  seat: SeatIndex | undefined,
): Program<ProtocolEvent> {
  // Never sent through: each thread puts its own way of sending in its place.
  const { port1: lane } = new MessageChannel();
  return (hands) => {
    const { seam, words } = hands;
    let own = seat;
    if (own === undefined) {
      seam.wait(words, memory.vacancy, 0);
      own = (seam.load(words, memory.vacancy) - 1) as SeatIndex;
    }
    lane.postMessage = (message) => {
      if (message !== BELL) throw new Error('the model has blocks for every reply');
      hands.oneStep(() => {
        seam.or(words, memory.inbox, NEWS.bell);
        seam.notify(words, memory.inbox);
      });
    };
    new ModelWorker(parts, shape, memory, hands, own, lane).run();
  };
}

class ModelWorker {
  private readonly shape: ProtocolShape;
  private readonly memory: ProtocolMemory;
  private readonly hands: Hands<ProtocolEvent>;
  private readonly seat: SeatIndex;
  private readonly arena: ProtocolArena;
  private readonly clock: ModelClock;
  private readonly runner: InstanceType<ProtocolParts['Runner']>;
  private readonly labels = new Map<object, string>();
  private seenCancellations = 0;
  /** The claimed slot that is being started. */
  private starting: SlotIndex | undefined;
  /** Settles a promise a call has returned. */
  private awaited: (() => void)[] = [];

  constructor(
    parts: ProtocolParts,
    shape: ProtocolShape,
    memory: ProtocolMemory,
    hands: Hands<ProtocolEvent>,
    seat: SeatIndex,
    lane: MessageChannel['port1'],
  ) {
    this.shape = shape;
    this.memory = memory;
    this.hands = hands;
    this.seat = seat;
    this.arena = protocolArena(parts, shape, memory, hands, seat);
    this.clock = new ModelClock(memory, hands);
    const { arena, clock } = this;
    const tools = CALL_KINDS.map((kind) => this.toolOf(kind));
    const options: RunnerOptions = {
      arena,
      seat,
      clock,
      meters: undefined,
      costs: new ToolCosts(tools.length),
      lanes: [lane],
      tools,
      idPrefix: '',
      log: NO_LOG,
      onSettled: () => undefined,
    };
    for (const known of [options, ...Object.values(options), ...tools, ...Object.values(arena)]) {
      if (typeof known === 'object') this.labels.set(known, `part ${this.labels.size}`);
    }
    this.labels.set(arena.completions(FRONT), 'completions');
    this.labels.set(arena.doorbell(FRONT), 'doorbell');
    this.labels.set(hands.seam, 'seam');
    this.labels.set(hands.words, 'words');
    this.runner = new parts.Runner(options);
  }

  run(): void {
    const { arena, hands, runner, seat, shape } = this;
    const { parking, submissions } = arena.common;
    parking.attend(seat);
    for (;;) {
      this.at('looks');
      this.noticeCancellations();
      this.readMail();
      const slot = runner.inFlight < shape.slots ? submissions.claim(seat) : EMPTY;
      if (slot !== EMPTY) {
        hands.settle(() => `starts ${slot} ${this.state()}`);
        this.start(slot);
        continue;
      }
      const mode = runner.inFlight > 0 ? PARKED.looping : PARKED.blocked;
      this.at('parks');
      parking.park(seat, mode);
      this.at('looks once more');
      if (!this.hasReason()) this.sleep(mode);
      this.at('wakes up');
      parking.unpark(seat);
    }
  }

  private at(place: string): void {
    this.hands.settle(() => `${place} ${this.state()}`);
  }

  private state(): string {
    const { awaited, runner, seat, seenCancellations } = this;
    return `${seat} ${seenCancellations} ${awaited.length} ${privateState(runner, this.labels, DEAD)}`;
  }

  private noticeCancellations(): void {
    const seen = this.arena.seats.cancellations(this.seat);
    if (seen === this.seenCancellations) return;
    this.seenCancellations = seen;
    this.runner.abandonCancelled();
  }

  /** Only a worker whose calls wait for something gets to its event loop in a model without time. */
  private readMail(): void {
    if (this.awaited.length === 0) return;
    const { seam, words, oneStep } = this.hands;
    const at = this.memory.mail[this.seat] ?? 0;
    const mail = oneStep(() => {
      const found = seam.load(words, at);
      if (found !== 0) seam.store(words, at, 0);
      return found;
    });
    if ((mail & MAIL.settled) !== 0) for (const settle of this.awaited.splice(0)) settle();
  }

  private hasReason(): boolean {
    const { seats, common } = this.arena;
    return !common.submissions.isEmpty() || seats.cancellations(this.seat) !== this.seenCancellations;
  }

  private sleep(mode: typeof PARKED.looping | typeof PARKED.blocked): void {
    const { seam, words } = this.hands;
    if (mode === PARKED.blocked) this.arena.common.parking.sleep(this.seat, 1000);
    else seam.wait(words, this.memory.mail[this.seat] ?? 0, 0);
  }

  private start(slot: SlotIndex): void {
    this.starting = slot;
    // Whatever a reply has left in the bytes, which are private to this thread: see `contents` for what they stand for.
    fillBlocks(this.arena.bytes);
    this.runner.start(slot, this.clock.now());
    this.starting = undefined;
  }

  private toolOf(kind: CallKind): BoundTool {
    return {
      plugin: 'model',
      name: kind,
      summary: kind,
      timeoutMs: undefined,
      idempotent: kind === 'idempotent',
      checkInput: () => undefined,
      checkOutput: () => undefined,
      execute: () => this.execute(kind),
      isAsync: kind === 'awaits',
      version: 1 as VersionId,
      hasRun: true,
      unsettled: 0,
      outbound: OUTBOUND,
      ...plainTool,
    };
  }

  /** The plugin's code. */
  private execute(kind: CallKind): unknown {
    const { arena, hands, memory, starting } = this;
    if (starting === undefined) throw new Error('a call runs that was not started');
    const { slots } = arena;
    const n = slots.numberIn(starting);
    const content = slots.contentOf(slots.requestBlock(starting));
    if (content !== n) throw new Error(`call ${n} is given the bytes ${content}`);
    hands.emit({ did: 'ran', n, life: slots.lifeOf(starting) });
    if (kind !== 'awaits') return {};
    hands.oneStep(() => {
      hands.seam.store(hands.words, memory.awaited, this.seat + 1);
      hands.seam.notify(hands.words, memory.awaited);
    });
    const later = Promise.resolve();
    // The explorer's threads have no microtasks: whoever wants to hear of the end is told when the model says so.
    return Object.assign(later, {
      // oxlint-disable-next-line unicorn/no-thenable -- stands in for the promise's own
      then: (settled: (value: unknown) => void) => {
        this.awaited.push(() => settled({}));
        return later;
      },
    });
  }
}
