/**
 * Blocks taken and given back by two threads, of which one may die anywhere; its supervisor then frees what
 * it held.
 *
 * Wanted: while a thread holds a block nobody else gets it; at the end every block is free.
 */
import type { BlockIndex, SeatIndex } from '../../../src/core/brand.ts';
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import type { SizeClass } from '../../../src/shm/layout.ts';
import { NO_BLOCK, seatHolder } from '../../../src/shm/slab.ts';
import type { Model, ThreadPlan } from '../../support/explorer-model.ts';
import type { Program } from '../../support/explorer-thread.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Parts } from './parts.ts';

/** What a thread does: take a block of so many bytes, or give back the one it took first. */
export type SlabStep = number | 'give';

export interface SlabShape {
  readonly classes: readonly SizeClass[];
  readonly threads: readonly (readonly SlabStep[])[];
  readonly mortal?: boolean;
}

/** A seat that is nobody's in the model. */
const OTHER = 20 as SeatIndex;

export function slabModel(parts: Parts, shape: SlabShape): Model<never> {
  const plan = new MemoryPlan();
  const { classes } = shape;
  const blocks = classes.reduce((sum, { count }) => sum + count, 0);
  const fields = Object.fromEntries(Array.from({ length: blocks }, (_, block) => [`${block}`, block]));
  const holders = plan.region(blocks, 'holder', fields);
  const died = plan.word('died');
  const arena = { fronts: 1, slotsPerFront: 1, seats: 4, submissionCells: 2, completionCells: 2, classes };
  const slabOn = (seam: AtomicsSeam, words: Int32Array, seat: SeatIndex) =>
    new parts.Slab(words, { holders, classStart: classes.map(() => 0) }, arena, seatHolder(seat), seam);

  const user =
    (seat: SeatIndex, steps: readonly SlabStep[]): Program<never> =>
    ({ seam, words }) => {
      const slab = slabOn(seam, words, seat);
      const held: BlockIndex[] = [];
      for (const step of [...steps, ...steps.map(() => 'give' as const)]) {
        if (step === 'give') {
          const block = held.shift();
          if (block === undefined) continue;
          const holder = seam.load(words, holders + block);
          if (holder !== seatHolder(seat))
            throw new Error(`block ${block} was taken from under thread ${seat}`);
          slab.give(block);
        } else {
          const block = slab.take(step);
          if (block === NO_BLOCK) continue;
          if (held.includes(block)) throw new Error(`block ${block} was given to thread ${seat} twice`);
          held.push(block);
        }
      }
    };
  const supervisor: Program<never> = ({ seam, words }) => {
    seam.wait(words, died, 0);
    slabOn(seam, words, OTHER).reclaim(seatHolder((seam.load(words, died) - 1) as SeatIndex));
  };

  const threads: ThreadPlan<never>[] = shape.threads.map((steps, seat) => ({
    name: `thread ${seat}`,
    program: user(seat as SeatIndex, steps),
    ...(shape.mortal === true ? { death: { tells: died } } : {}),
  }));
  if (shape.mortal === true) threads.push({ name: 'supervisor', program: supervisor });
  return {
    memory: plan.memory(),
    threads,
    nameOf: plan.nameOf,
    check: ({ memory }) => {
      const held = slabOn(Atomics, memory, OTHER).held();
      return held === 0 ? undefined : `${held} blocks are lost`;
    },
  };
}
