/** The memory of a protocol model: the regions of the arena, and what stands for messages, clock and exits. */
import type { ArenaShape } from '../../../../src/shm/layout.ts';
import { MemoryPlan } from '../memory-plan.ts';
import type { ProtocolShape } from './protocol-shape.ts';

/** Bytes of a block: room for every reply of the model. */
export const BLOCK = 1024;

/** News the front's event loop has for it, in the order it hears them; the last one is what a death adds. */
export const NEWS = { died: 1, left: 2, tick: 4, bell: 8 } as const;
/** What lies on a worker's lane port, and what else its event loop has for it. */
export const MAIL = { bell: 1, settled: 2 } as const;

export class ProtocolMemory {
  readonly shape: ArenaShape;
  readonly gate: number;
  readonly submission: number;
  readonly completion: number;
  readonly bell: number;
  readonly seats: number;
  readonly slots: number;
  readonly holders: number;
  /** By block: whose request lies in it, or whose reply (`replyTo`). */
  readonly contents: number;
  /** Bits of NEWS. */
  readonly inbox: number;
  /** By seat: bits of MAIL. */
  readonly mail: readonly number[];
  /** Milliseconds. */
  readonly time: number;
  /** Seat of the worker that has died plus one. */
  readonly died: number;
  /** Seat that waits for a successor plus one. */
  readonly vacancy: number;
  /** Seat plus one of the worker whose call waits for something outside. */
  readonly awaited: number;
  private readonly plan = new MemoryPlan();

  constructor({ slots, workers, blocks }: ProtocolShape) {
    const { plan } = this;
    const cells = 2 ** Math.ceil(Math.log2(slots + 1));
    this.shape = {
      fronts: 1,
      slotsPerFront: slots,
      seats: workers,
      submissionCells: cells,
      completionCells: cells,
      classes: [{ size: BLOCK, count: blocks }],
    };
    const each = Object.fromEntries(Array.from({ length: blocks }, (_, block) => [`${block}`, block]));
    this.gate = plan.gate();
    this.submission = plan.ring('submissions', cells);
    this.completion = plan.ring('completions', cells);
    this.bell = plan.word('doorbell');
    this.seats = plan.seats(workers);
    this.slots = plan.slots(slots);
    this.holders = plan.region(blocks, 'holder', each);
    this.contents = plan.region(blocks, 'content', each);
    this.inbox = plan.word('inbox');
    this.mail = Array.from({ length: workers }, (_, seat) => plan.word(`mail${seat}`));
    this.time = plan.word('time');
    this.died = plan.word('died');
    this.vacancy = plan.word('vacancy');
    this.awaited = plan.word('awaited');
  }

  get nameOf(): (index: number) => string {
    return this.plan.nameOf;
  }

  words(): Int32Array {
    return this.plan.memory();
  }
}

/** What a block holds once the reply to call `n` has been written into it. */
export function replyTo(n: number): number {
  return 0x100 + n;
}
