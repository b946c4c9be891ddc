/**
 * What happens to one claimed slot: decode → parse → validate → run → encode → commit.
 *
 * Every path ends in exactly one `commit`, or, when the thread dies on the way, in the supervisor's reclaim.
 * The request's block is reused for the reply where the reply fits, which it nearly always does; so
 * everything needed from the request is read before the first reply byte is written. Not for idempotent tools: their
 * calls run once more when this thread dies.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { MessagePort } from 'node:worker_threads';
import type { BlockIndex, Generation, Millis, SeatIndex, SlotIndex, VersionId } from '../src/core/brand.ts';
import { type Clock, elapsed, micros, millis } from '../src/core/clock.ts';
import { type ErrorCode, errorSpec } from '../src/core/errors.ts';
import type { Arena } from '../src/shm/arena.ts';
import { SLOT } from '../src/shm/layout.ts';
import type { Meters } from '../src/shm/meters.ts';
import { NO_BLOCK, type Slab, seatHolder } from '../src/shm/slab.ts';
import { generationOf } from '../src/shm/state-word.ts';
import { type CallIdentity, NO_IDENTITY, readFrame } from '../src/wire/context-frame.ts';
import { CONTRACT } from '../src/wire/contract.ts';
import type { LaneFromWorker } from '../src/wire/from-worker.ts';
import { outcomeOf } from '../src/wire/outcome.ts';
import { errorBody } from '../src/wire/reply-body.ts';
import { madeId } from '../src/wire/request-id.ts';
import { BELL, type LaneToWorker } from '../src/wire/to-worker.ts';
import type { BoundTool } from './bind-tools.ts';
import { Call } from './call.ts';
import { encodeResult } from './encode-reply.ts';
import { readEnvelope } from './envelope.ts';
import { readNative } from './native-call.ts';
import { PhaseWatch } from './phase-watch.ts';
import { PieceStream, restOf } from './piece-stream.ts';
import { ReplyWriter } from './reply-writer.ts';
import type { ToolCosts } from './tool-costs.ts';
import type { WorkerLog } from './worker-log.ts';

/**
 * Which call is to blame for code that runs now; survives awaits and timers. Known for calls of tools that
 * return promises: only those can be hurt by what their code does later.
 */
export const currentCall = new AsyncLocalStorage<Call>();

const NO_VERSION = 0 as VersionId;

export interface RunnerOptions {
  readonly arena: Arena;
  readonly seat: SeatIndex;
  readonly clock: Clock;
  /** Undefined: phases are not measured. */
  readonly meters: Meters | undefined;
  /** What the serve loop has learned about the tools. */
  readonly costs: ToolCosts;
  readonly lanes: readonly MessagePort[];
  /** By ToolId. */
  readonly tools: readonly (BoundTool | undefined)[];
  readonly idPrefix: string;
  readonly log: WorkerLog;
  /** Called whenever a started call settles. */
  readonly onSettled: () => void;
}

export class Runner {
  readonly slab: Slab;
  private readonly options: RunnerOptions;
  private readonly arena: Arena;
  private readonly replies: ReplyWriter;
  /** Calls whose plugin code has returned a promise, or whose bytes are on their way. */
  private readonly pending = new Map<SlotIndex, Call | 'pulling'>();
  /** Answers that go out in pieces. */
  private readonly streams = new Map<SlotIndex, PieceStream>();
  private readonly phases: PhaseWatch | undefined;

  constructor(options: RunnerOptions) {
    this.options = options;
    this.arena = options.arena;
    this.slab = options.arena.slab(seatHolder(options.seat));
    const { meters, clock, seat } = options;
    if (meters !== undefined) this.phases = new PhaseWatch(options.arena.slots, meters, seat, clock);
    this.replies = new ReplyWriter(options, this.slab, this.phases);
  }

  /** Started calls that have not settled. */
  get inFlight(): number {
    return this.pending.size;
  }

  /** Calls whose code has returned a promise that has not settled. */
  get started(): readonly Call[] {
    return [...this.pending.values()].filter((call) => call !== 'pulling');
  }

  /** The tool a claimed slot asks for; undefined if this worker has none of that number. */
  private toolOf(slot: SlotIndex): BoundTool | undefined {
    return this.options.tools[this.arena.slots.field(slot, SLOT.tool)];
  }

  /**
   * Starts a claimed call at time `now`. Returns when its synchronous part is over; it may still be in flight then. False:
   * none of the plugin's code has run.
   */
  start(slot: SlotIndex, now: number): boolean {
    const { slots, bytes } = this.arena;
    slots.setField(slot, SLOT.claimedAt, micros(now));
    this.phases?.claimed(slot);
    if (elapsed(slots.field(slot, SLOT.deadline) as Millis, millis(now)) >= 0) {
      // Its front answers 504 within a tick; running it now would help nobody.
      this.refuse(slot, NO_IDENTITY, 'DEADLINE_EXCEEDED');
      return false;
    }
    const block = slots.field(slot, SLOT.requestBlock);
    if (block === NO_BLOCK) {
      this.pull(slot);
      return false;
    }
    return this.run(slot, bytes, this.slab.offset(block as BlockIndex));
  }

  /** Asks the front for bytes that found no block; `receiveBody` goes on. */
  private pull(slot: SlotIndex): void {
    const generation = generationOf(this.arena.slots.state(slot));
    this.pending.set(slot, 'pulling');
    this.tell(slot, { type: 'pull', slot, generation });
  }

  /** What its front says to a call of this worker. */
  receive(message: Exclude<LaneToWorker, typeof BELL>): void {
    switch (message.type) {
      case 'body':
        this.receiveBody(message.slot, message.generation, message.bytes);
        return;
      case 'more':
        this.more(message.slot, message.generation, message.pieces);
        return;
      default:
        message satisfies never;
    }
  }

  /** The bytes asked for; undefined: the caller has gone meanwhile. */
  private receiveBody(slot: SlotIndex, generation: Generation, body: Uint8Array | undefined): void {
    if (this.pending.get(slot) !== 'pulling') return;
    if (generationOf(this.arena.slots.state(slot)) !== generation) return;
    this.pending.delete(slot);
    // Looked up once more: a cancellation is announced only once, and was passed over while the bytes were away.
    const isGone = body === undefined || this.arena.slots.isCancelled(slot);
    if (isGone) this.refuse(slot, NO_IDENTITY, 'DEADLINE_EXCEEDED');
    else this.run(slot, Buffer.from(body.buffer, body.byteOffset, body.byteLength), 0);
    this.options.onSettled();
  }

  private run(slot: SlotIndex, bytes: Buffer, offset: number): boolean {
    const { slots } = this.arena;
    const contextLength = slots.field(slot, SLOT.contextLength);
    const head = readFrame(bytes, offset, contextLength);
    const start = offset + contextLength;
    const tool = this.toolOf(slot);
    if (tool === undefined) {
      this.refuse(slot, head, 'UNKNOWN_TOOL');
      return false;
    }
    const end = start + slots.field(slot, SLOT.bodyLength);
    const contract = slots.field(slot, SLOT.contract);
    const isNative = contract !== CONTRACT.envelope;
    const asked = isNative
      ? readNative(bytes, start, end, tool.native, head)
      : readEnvelope(bytes, start, end, head);
    this.phases?.parsed(slot);
    if (asked.kind === 'refused') {
      this.refuse(slot, head, asked.code, asked.detail);
      return false;
    }
    const problem = tool.checkInput(asked.parameters, isNative ? '' : undefined);
    if (problem !== undefined) {
      this.refuse(slot, head, 'SCHEMA_VIOLATION', problem);
      return false;
    }
    this.phases?.validated(slot);
    const { idPrefix, log } = this.options;
    const sequence = slots.field(slot, SLOT.sequence);
    const call = new Call(slot, tool, head, asked, isNative, idPrefix, sequence, log);
    if (contract === CONTRACT.stream && tool.stream !== undefined)
      this.stream(call, tool.stream, asked.parameters);
    else this.execute(call, tool.execute, asked.parameters);
    return true;
  }

  /** Starts a call whose answer goes out as it is made; what is left of it at the end is its reply. */
  private stream(call: Call, start: NonNullable<BoundTool['stream']>, parameters: unknown): void {
    const { slot } = call;
    const generation = generationOf(this.arena.slots.state(slot));
    const pieces = new PieceStream((text) => this.tell(slot, { type: 'piece', slot, generation, text }));
    this.streams.set(slot, pieces);
    call.isStreamed = true;
    const run = async (): Promise<unknown> => restOf(await pieces.send(start(parameters, call), call.signal));
    this.execute(call, run, parameters);
  }

  /** The front has taken pieces off. */
  private more(slot: SlotIndex, generation: Generation, pieces: number): void {
    if (generationOf(this.arena.slots.state(slot)) === generation) this.streams.get(slot)?.more(pieces);
  }

  private execute(call: Call, execute: BoundTool['execute'], parameters: unknown): void {
    call.tool.hasRun = true;
    let result: unknown;
    let promise: Promise<unknown> | undefined;
    try {
      result = call.tool.isAsync
        ? currentCall.run(call, execute, parameters, call)
        : execute(parameters, call);
      // A foreign thenable may throw from `then`; a real promise is left as it is.
      if (isThenable(result)) promise = Promise.resolve(result);
    } catch (error) {
      this.fault(call, error);
      return;
    }
    if (promise === undefined) {
      this.finish(call, result);
      return;
    }
    if (!call.tool.isAsync) call.tool.isAsync = true;
    this.pending.set(call.slot, call);
    call.tool.unsettled++;
    promise.then(
      (value) => {
        call.tool.unsettled--;
        if (!call.settled) this.finish(call, value);
      },
      (error: unknown) => {
        call.tool.unsettled--;
        if (call.settled)
          this.options.log.debug('a call failed after it was abandoned', aboutFault(call, error));
        else this.fault(call, error);
      },
    );
  }

  /** The plugin's code threw, now or late. The caller gets 500, the log gets the stack. */
  fault(call: Call, error: unknown): void {
    this.options.log.error('the plugin threw', aboutFault(call, error));
    this.settleWithError(call, 'PLUGIN_FAULT');
  }

  private finish(call: Call, result: unknown): void {
    this.phases?.ran(call.slot);
    const encoded = encodeResult(result, call);
    if (encoded.kind === 'fault') {
      this.options.log.error('the plugin gave a wrong answer', aboutFault(call, encoded.reason));
      this.settleWithError(call, encoded.code);
      return;
    }
    this.settle(call);
    this.commit(call.slot, call.tool.version, 200, encoded.outcome, encoded.body);
    call.end();
  }

  private settleWithError(call: Call, code: ErrorCode): void {
    this.settle(call);
    const { status } = errorSpec(code);
    this.commit(call.slot, call.tool.version, status, outcomeOf(code), errorBody(code, call.requestId));
    call.end();
  }

  private settle(call: Call): void {
    call.settled = true;
    if (call.isStreamed) this.streams.delete(call.slot);
    if (this.pending.delete(call.slot)) this.options.onSettled();
  }

  /** Lets go of every started call nobody waits for: its signal aborts, its slot goes back. */
  abandonCancelled(): void {
    for (const [slot, call] of this.pending) {
      if (call === 'pulling' || !this.arena.slots.isCancelled(slot)) continue;
      const late =
        elapsed(this.arena.slots.field(slot, SLOT.deadline) as Millis, millis(this.options.clock.now())) >= 0;
      this.settle(call);
      const { status } = errorSpec('DEADLINE_EXCEEDED');
      this.commit(slot, call.tool.version, status, outcomeOf('DEADLINE_EXCEEDED'), '');
      currentCall.run(call, () =>
        call.abort(
          late
            ? new DOMException('The call has passed its deadline', 'TimeoutError')
            : new DOMException('The caller has gone', 'AbortError'),
        ),
      );
    }
  }

  private refuse(slot: SlotIndex, identity: CallIdentity, code: ErrorCode, detail?: string): void {
    const sequence = this.arena.slots.field(slot, SLOT.sequence);
    const requestId = identity.requestId ?? madeId(this.options.idPrefix, sequence);
    const body = errorBody(code, requestId, detail);
    const version = this.toolOf(slot)?.version ?? NO_VERSION;
    this.commit(slot, version, errorSpec(code).status, outcomeOf(code), body);
  }

  private commit(slot: SlotIndex, version: VersionId, status: number, outcome: number, body: string): void {
    this.replies.commit(slot, version, status, outcome, body);
  }

  private tell(slot: SlotIndex, message: LaneFromWorker): void {
    this.replies.tell(slot, message);
  }

  /** Wakes the first front whatever it does: calls wait that nobody looks at. */
  ringForHelp(): void {
    this.options.lanes[0]?.postMessage(BELL);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function aboutFault(call: Call, error: unknown): Readonly<Record<string, unknown>> {
  return { ...call.facts, error };
}
