/**
 * A block a worker takes for its reply, fills and hands over, and its front gives back; the worker may die
 * anywhere. Its front then gives back what it was still handed and only after that frees the rest, while
 * another worker takes and gives blocks.
 *
 * Wanted: nobody's block is taken from under it, and at the end every block is free.
 */
import type { BlockIndex, SeatIndex } from '../../../src/core/brand.ts';
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import { NO_BLOCK, seatHolder } from '../../../src/shm/slab.ts';
import type { Model } from '../../support/explorer-model.ts';
import type { Program } from '../../support/explorer-thread.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Parts } from './parts.ts';

export interface HandoverShape {
  readonly blocks: number;
  /** How many blocks the mortal worker hands over, and the other one takes and gives. */
  readonly rounds: number;
  /** Breaks the rule in the doc comment of `Slab.reclaim`, to show that it is needed. */
  readonly reclaimsFirst?: boolean;
}

const MORTAL = 0 as SeatIndex;
const OTHER = 1 as SeatIndex;
const FRONT = 20 as SeatIndex;

export function handoverModel(parts: Parts, shape: HandoverShape): Model<never> {
  const plan = new MemoryPlan();
  const holders = plan.region(shape.blocks, 'holder', { first: 0, second: 1 });
  const box = plan.word('box');
  const news = plan.word('news');
  const died = plan.word('died');
  const arena = {
    fronts: 1,
    slotsPerFront: 1,
    seats: 2,
    submissionCells: 2,
    completionCells: 2,
    classes: [{ size: 64, count: shape.blocks }],
  };
  const slabOn = (seam: AtomicsSeam, words: Int32Array, seat: SeatIndex) =>
    new parts.Slab(words, { holders, classStart: [0] }, arena, seatHolder(seat), seam);
  const tellFront = (seam: AtomicsSeam, words: Int32Array): void => {
    seam.add(words, news, 1);
    seam.notify(words, news);
  };

  const mortal: Program<never> = ({ seam, words }) => {
    const slab = slabOn(seam, words, MORTAL);
    for (let round = 0; round < shape.rounds; round++) {
      const block = slab.take(64);
      if (block === NO_BLOCK) continue;
      seam.store(words, box, block + 1);
      tellFront(seam, words);
      seam.wait(words, box, block + 1);
    }
  };
  const other: Program<never> = ({ seam, words }) => {
    const slab = slabOn(seam, words, OTHER);
    for (let round = 0; round < shape.rounds; round++) {
      const block = slab.take(64);
      if (block === NO_BLOCK) continue;
      const holder = seam.load(words, holders + block);
      if (holder !== seatHolder(OTHER)) throw new Error(`block ${block} was taken from under its holder`);
      slab.give(block);
    }
  };
  const front: Program<never> = ({ seam, words }) => {
    const slab = slabOn(seam, words, FRONT);
    const giveBack = (): void => {
      const full = seam.load(words, box);
      if (full === 0) return;
      slab.give((full - 1) as BlockIndex);
      seam.store(words, box, 0);
      seam.notify(words, box);
    };
    // As often as there can be news.
    for (let turn = 0; turn <= shape.rounds + 1; turn++) {
      const seen = seam.load(words, news);
      if (seam.load(words, died) !== 0) {
        if (shape.reclaimsFirst === true) slab.reclaim(seatHolder(MORTAL));
        giveBack();
        slab.reclaim(seatHolder(MORTAL));
        return;
      }
      giveBack();
      seam.wait(words, news, seen);
    }
  };

  return {
    memory: plan.memory(),
    threads: [
      { name: 'mortal worker', program: mortal, death: { tells: died, rings: news } },
      { name: 'other worker', program: other },
      { name: 'front', program: front },
    ],
    nameOf: plan.nameOf,
    check: ({ memory }) => {
      const held = slabOn(Atomics, memory, FRONT).held();
      return held === 0 ? undefined : `${held} blocks are lost`;
    },
  };
}
