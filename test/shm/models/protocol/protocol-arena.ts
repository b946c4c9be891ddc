/** One thread's view of a protocol model's memory, in the shape the real code expects. */
import type { SeatIndex } from '../../../../src/core/brand.ts';
import { Clock } from '../../../../src/core/clock.ts';
import type { Arena } from '../../../../src/shm/arena.ts';
import { layoutOf } from '../../../../src/shm/layout.ts';
import { Seats } from '../../../../src/shm/seats.ts';
import type { Hands } from '../../../support/explorer-thread.ts';
import { BLOCK, type ProtocolMemory } from './protocol-memory.ts';
import type { ProtocolEvent, ProtocolParts, ProtocolShape } from './protocol-shape.ts';
import { BODY, type TracedSlots, tracedSlots } from './traced-slots.ts';

export interface ProtocolArena extends Arena {
  readonly slots: TracedSlots;
}

/** `seat`: of the worker whose view this is; undefined: the front's. */
export function protocolArena(
  parts: ProtocolParts,
  shape: ProtocolShape,
  memory: ProtocolMemory,
  hands: Hands<ProtocolEvent>,
  seat: SeatIndex | undefined,
): ProtocolArena {
  const { seam, words } = hands;
  const inSteps = <T extends object>(part: T): T =>
    shape.grain === 'operations' ? part : wholeMethods(part, hands);
  const slots = tracedSlots(parts, memory, hands, seat);
  const { submissionCells, completionCells } = memory.shape;
  const submissionRing = inSteps(new parts.Ring(words, memory.submission, submissionCells, seam));
  const completionRing = inSteps(new parts.Ring(words, memory.completion, completionCells, seam));
  const completions = new parts.CompletionQueue(completionRing);
  const doorbell = new parts.Doorbell(words, memory.bell, seam);
  const { gate, seats, holders } = memory;
  const track = {
    parking: inSteps(new parts.Parking(words, { gate, seat: seats }, shape.workers, seam)),
    submissions: new parts.SubmissionQueue(submissionRing, slots),
  };
  return {
    shape: memory.shape,
    layout: layoutOf(memory.shape),
    bytes: Buffer.from(new ArrayBuffer(shape.blocks * BLOCK)),
    slots,
    // Resetting a seat and looking into it is no part of the protocol.
    seats: wholeMethods(new Seats(words, seats, seam), hands),
    common: track,
    // No call of the model is long, so nobody is put on the other track.
    heavy: track,
    completions: () => completions,
    doorbell: () => doorbell,
    slab: (holder) =>
      inSteps(new parts.Slab(words, { holders, classStart: [0] }, memory.shape, holder, seam)),
  };
}

/**
 * Every block holds a request. The bytes are private to the thread: what matters of them lies in the model's memory, see
 * TracedSlots.
 */
export function fillBlocks(bytes: Buffer): void {
  for (let start = 0; start < bytes.byteLength; start += BLOCK) BODY.copy(bytes, start);
}

/** The same object, each method of which is one step. */
function wholeMethods<T extends object>(part: T, { oneStep }: Hands<ProtocolEvent>): T {
  return new Proxy(part, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]) => oneStep(() => Reflect.apply(member, target, parameters));
    },
  });
}

/** Reads the model's clock as part of the step before. */
export class ModelClock extends Clock {
  private readonly read: () => number;

  constructor(memory: ProtocolMemory, { seam, words, sameStep }: Hands<ProtocolEvent>) {
    super(0);
    this.read = () => sameStep(() => seam.load(words, memory.time));
  }

  override now(): number {
    return this.read();
  }
}
