/**
 * A dispatcher and its workers on one arena, all in one thread and driven by hand: no Worker, no clock but the
 * test's. Everything between `submit` and the waiter is the real code, threads and time are not.
 */

import { mock } from 'node:test';
import type { FrontIndex, SeatIndex, SlotIndex, ToolId, VersionId } from '../../src/core/brand.ts';
import { Clock } from '../../src/core/clock.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { NO_RULES } from '../../src/dispatch/tool-rules.ts';
import type { Waiter } from '../../src/dispatch/waiter.ts';
import type { CallContext } from '../../src/plugin/plugin.ts';
import { type Arena, attachArena, createArena } from '../../src/shm/arena.ts';
import type { ArenaShape } from '../../src/shm/layout.ts';
import { createMeters, Meters } from '../../src/shm/meters.ts';
import { type CallIdentity, NO_IDENTITY, NO_TARGET } from '../../src/wire/context-frame.ts';
import { CONTRACT } from '../../src/wire/contract.ts';
import { OUTCOMES, outcomeName } from '../../src/wire/outcome.ts';
import { BELL, type LaneToWorker } from '../../src/wire/to-worker.ts';
import type { BoundTool } from '../../workers/bind-tools.ts';
import { LaneWorker } from './lane-worker.ts';
import { noOutbound } from './outbound.ts';
import { plainTool } from './plain-tool.ts';

const FRONT = 0 as FrontIndex;
/** The dispatcher's period. */
const TICK = 10;

/** Small enough that slots, blocks and cells run out in a test. */
export const SMALL: ArenaShape = {
  fronts: 1,
  slotsPerFront: 8,
  seats: 2,
  submissionCells: 16,
  completionCells: 16,
  classes: [
    { size: 256, count: 4 },
    { size: 1024, count: 2 },
  ],
};

class HandClock extends Clock {
  ms = 1000;

  constructor() {
    super(0);
  }

  override now(): number {
    return this.ms;
  }
}

/** One call as the test that submitted it sees it. */
export class LaneCall implements Waiter {
  /** What the waiter was told, oldest first: more than one entry is always a defect. */
  readonly answers: ({ readonly status: number; readonly body: unknown } | ErrorCode)[] = [];
  /** Undefined: refused. */
  slot: SlotIndex | undefined;
  refusal: ErrorCode | undefined;
  /** Seconds. */
  retryAfter: number | undefined;

  reply(status: number, body: Uint8Array): void {
    this.answers.push({ status, body: JSON.parse(Buffer.from(body).toString()) });
  }

  fail(code: ErrorCode): void {
    this.answers.push(code);
  }
}

/** A call inside the plugin `hold`, until the test settles it. */
export interface HeldCall {
  readonly input: unknown;
  readonly ctx: CallContext;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface LaneOptions {
  readonly shape?: ArenaShape;
  readonly queueLimit?: number;
  /** Off by default: then every call goes straight to the submission queue. */
  readonly fairShare?: boolean;
  /** Both tools bear being run twice. */
  readonly idempotent?: boolean;
}

export interface SubmitOptions {
  readonly timeoutMs?: number;
  readonly budgetMs?: number;
  readonly identity?: CallIdentity;
}

export class Lane {
  readonly arena: Arena;
  readonly dispatcher: Dispatcher;
  readonly meters: Meters;
  readonly clock = new HandClock();
  readonly workers: readonly LaneWorker[];
  /** Every call `hold` has been given, oldest first. */
  readonly held: HeldCall[] = [];
  /** How many calls of either tool have been run. */
  started = 0;
  /** Seats whose bell was rung, oldest first. */
  readonly bells: SeatIndex[] = [];
  /** Seats reported because a call of theirs is overdue. */
  readonly overdue: SeatIndex[] = [];
  private readonly mail: (readonly [SeatIndex, LaneToWorker])[] = [];
  private sequence = 0;

  constructor({
    shape = SMALL,
    queueLimit = shape.slotsPerFront,
    fairShare = false,
    idempotent = false,
  }: LaneOptions = {}) {
    mock.timers.enable({ apis: ['setInterval'] });
    const handle = createArena(shape, 0);
    this.arena = attachArena(handle);
    const metersShape = { fronts: 1, seats: shape.seats, outcomes: OUTCOMES };
    this.meters = new Meters(createMeters(metersShape), metersShape);
    this.dispatcher = new Dispatcher({
      arena: this.arena,
      front: FRONT,
      clock: this.clock,
      meters: this.meters,
      queueLimit,
      workers: shape.seats,
      concurrency: 32,
      fairShare,
      circuit: { failurePercent: 50, windowMs: 10_000, minCalls: 20, pauseMs: 10_000 },
      onCircuit: () => undefined,
      phases: true,
      post: (seat, message) => {
        if (message === BELL) this.bells.push(seat);
        this.mail.push([seat, message]);
      },
      onOverdue: (seat) => this.overdue.push(seat),
    });
    this.tools = this.makeTools(idempotent);
    for (const tool of ['echo', 'hold'] as const) {
      this.dispatcher.setRules(idOf(tool), { ...NO_RULES, plugin: 'lane', tool, idempotent, breaker: true });
    }
    this.workers = Array.from(
      { length: shape.seats },
      (_, seat) => new LaneWorker(this, attachArena(handle), seat),
    );
  }

  /** Must be called: the timers are replaced until then. */
  close(): void {
    this.dispatcher.close();
    for (const worker of this.workers) worker.close();
    mock.timers.reset();
  }

  worker(seat = 0): LaneWorker {
    const worker = this.workers[seat];
    if (worker === undefined) throw new RangeError(`no seat ${seat}`);
    return worker;
  }

  /** `tool`: `echo` answers at once with its input, `hold` when the test says so. */
  submit(
    tool: 'echo' | 'hold',
    parameters: object,
    { timeoutMs = 1000, budgetMs = 0, identity = NO_IDENTITY }: SubmitOptions = {},
  ): LaneCall {
    const call = new LaneCall();
    const body = Buffer.from(JSON.stringify({ user_id: 1, parameters }));
    const id = idOf(tool);
    const slot = this.dispatcher.submit(
      {
        tool: id,
        timeoutMs,
        budgetMs,
        identity,
        contract: CONTRACT.envelope,
        target: NO_TARGET,
        sequence: ++this.sequence,
      },
      body,
      call,
    );
    if (typeof slot === 'number') call.slot = slot;
    else ({ code: call.refusal, retryAfter: call.retryAfter } = slot);
    return call;
  }

  cancel(call: LaneCall): void {
    if (call.slot !== undefined) this.dispatcher.cancel(call.slot, call);
  }

  /** Time passes, and deadlines are looked at. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK) {
      this.clock.ms += TICK;
      mock.timers.tick(TICK);
    }
  }

  /** Everything both sides have sent arrives, and promises the test has settled run on. */
  async exchange(): Promise<void> {
    // A reply may wait for a promise, a body for its pull: three rounds end every exchange.
    for (let round = 0; round < 3; round++) {
      for (const worker of this.workers) worker.readMail();
      for (const [seat, message] of this.mail.splice(0)) this.worker(seat).receive(message);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    this.dispatcher.receive(0 as SeatIndex, BELL);
  }

  /** The call `hold` was given with these parameters. */
  heldCall(parameters: object): HeldCall {
    const wanted = JSON.stringify(parameters);
    const held = this.held.find(({ input }) => JSON.stringify(input) === wanted);
    if (held === undefined) throw new Error(`hold was never called with ${wanted}`);
    return held;
  }

  /** Calls of a tool that have ended, by outcome. */
  counts(tool: 'echo' | 'hold'): Record<string, number> {
    const counts = this.meters.outcomes(idOf(tool));
    return Object.fromEntries(
      counts.map((count, outcome) => [outcomeName(outcome), count] as const).filter(([, count]) => count > 0),
    );
  }

  /** What is out of use although nobody waits: must be empty when all is over. */
  leftovers(): Record<string, number> {
    const { inFlight, lingering, slab } = this.dispatcher;
    return Object.fromEntries(
      Object.entries({ inFlight, lingering, blocks: slab.held() }).filter(([, count]) => count !== 0),
    );
  }

  readonly tools: readonly BoundTool[];

  private makeTools(idempotent: boolean): readonly BoundTool[] {
    return [
      makeTool('echo', idempotent, (input) => {
        this.started++;
        return { echo: input };
      }),
      makeTool('hold', idempotent, (input, ctx) => {
        this.started++;
        const { promise, resolve, reject } = Promise.withResolvers<unknown>();
        this.held.push({ input, ctx, resolve, reject });
        return promise;
      }),
    ];
  }

  /** Mail to a thread that has ended is lost. */
  dropMail(seat: SeatIndex): void {
    for (const letter of this.mail.splice(0)) if (letter[0] !== seat) this.mail.push(letter);
  }
}

function idOf(tool: 'echo' | 'hold'): ToolId {
  return (tool === 'echo' ? 0 : 1) as ToolId;
}

function makeTool(name: string, idempotent: boolean, execute: BoundTool['execute']): BoundTool {
  return {
    plugin: 'lane',
    name,
    summary: name,
    timeoutMs: undefined,
    idempotent,
    checkInput: conforms,
    checkOutput: conforms,
    execute,
    isAsync: name === 'hold',
    version: 1 as VersionId,
    hasRun: false,
    unsettled: 0,
    outbound: noOutbound(),
    ...plainTool,
  };
}

/** Schemas are tested elsewhere. */
function conforms(): undefined {
  return undefined;
}
