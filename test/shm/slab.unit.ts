import * as fc from 'fast-check';
import { test } from 'tap';
import type { BlockIndex, SeatIndex } from '../../src/core/brand.ts';
import type { ArenaShape } from '../../src/shm/layout.ts';
import { frontHolder, NO_BLOCK, Slab, seatHolder } from '../../src/shm/slab.ts';

const CLASSES = [
  { size: 16, count: 3 },
  { size: 64, count: 2 },
  { size: 256, count: 1 },
] as const;
const BLOCKS = 6;
const SHAPE: ArenaShape = {
  fronts: 1,
  slotsPerFront: 1,
  seats: 2,
  submissionCells: 2,
  completionCells: 2,
  classes: CLASSES,
};
const CLASS_START = [4096, 4096 + 3 * 16, 4096 + 3 * 16 + 2 * 64];
const HOLDERS = [seatHolder(0 as SeatIndex), seatHolder(1 as SeatIndex), frontHolder(0)] as const;

const slabs = (): readonly Slab[] => {
  const words = new Int32Array(BLOCKS);
  const region = { holders: 0, classStart: CLASS_START };
  return HOLDERS.map((holder) => new Slab(words, region, SHAPE, holder, Atomics));
};

const classOf = (block: number): number => (block < 3 ? 0 : block < 5 ? 1 : 2);

type Step =
  | { readonly kind: 'take'; readonly by: number; readonly bytes: number }
  /** Gives the nth held block, whoever took it. */
  | { readonly kind: 'give'; readonly by: number; readonly nth: number }
  | { readonly kind: 'reclaim'; readonly by: number; readonly dead: number };

const who = fc.nat(HOLDERS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('take' as const), by: who, bytes: fc.nat(300) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('give' as const), by: who, nth: fc.nat(BLOCKS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reclaim' as const), by: who, dead: who }) },
);

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

test('a slab does what a plain table of holders does, and counts how', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const threads = slabs();
      /** Block → who took it. */
      const held = new Map<number, number>();
      const wanted = HOLDERS.map(() => ({ taken: 0, upgrades: 0, fallbacks: 0 }));
      for (const move of steps) {
        const slab = threads[move.by];
        const counts = wanted[move.by];
        if (slab === undefined || counts === undefined) throw new Error('no such thread');
        if (move.kind === 'take') {
          const fits = CLASSES.findIndex(({ size }) => size >= move.bytes);
          const free = CLASSES.findIndex(
            (_, index) =>
              fits >= 0 &&
              index >= fits &&
              Array.from({ length: BLOCKS }, (_each, block) => block).some(
                (block) => classOf(block) === index && !held.has(block),
              ),
          );
          const block = slab.take(move.bytes);
          if (free < 0) {
            check(block === NO_BLOCK, 'nothing fits, yet a block was given');
            counts.fallbacks++;
            continue;
          }
          check(block !== NO_BLOCK && classOf(block) === free, `block ${block}, not one of class ${free}`);
          check(!held.has(block), `block ${block} has two holders`);
          held.set(block, move.by);
          counts.taken++;
          if (free !== fits) counts.upgrades++;
        } else if (move.kind === 'give') {
          const block = [...held.keys()][move.nth];
          if (block === undefined) continue;
          held.delete(block);
          slab.give(block as BlockIndex);
        } else {
          const dead = HOLDERS[move.dead];
          if (dead === undefined) continue;
          const lost = [...held].filter(([, taker]) => taker === move.dead);
          for (const [block] of lost) held.delete(block);
          check(slab.reclaim(dead) === lost.length, 'reclaim freed another number');
        }
        check(slab.held() === held.size, 'another number of blocks is held');
      }
      for (const [index, slab] of threads.entries()) {
        const { hits, misses, upgrades, fallbacks } = slab.takeCounts();
        const counts = wanted[index];
        check(hits + misses === counts?.taken, 'hits and misses are not all');
        check(
          upgrades === counts?.upgrades && fallbacks === counts.fallbacks,
          'upgrades or fallbacks are wrong',
        );
      }
    }),
    { numRuns: 1000 },
  );
  t.pass();
  t.end();
});

test('the block given back last is taken next, as a hit, for ever', (t) => {
  const [slab] = slabs();
  if (slab === undefined) throw new Error('no slab');
  const first = slab.take(10);
  t.same(slab.takeCounts(), { hits: 0, misses: 1, upgrades: 0, fallbacks: 0 });
  for (let round = 0; round < 1000; round++) {
    slab.give(first as BlockIndex);
    if (slab.take(10) !== first) t.fail('another block');
  }
  t.same(slab.takeCounts(), { hits: 1000, misses: 0, upgrades: 0, fallbacks: 0 });
  t.same(slab.takeCounts(), { hits: 0, misses: 0, upgrades: 0, fallbacks: 0 }, 'counts are handed out once');
  t.end();
});

test('a remembered block that another thread has taken meanwhile is not given twice', (t) => {
  const [one, other] = slabs();
  if (one === undefined || other === undefined) throw new Error('no slab');
  const block = one.take(256);
  one.give(block as BlockIndex);
  t.equal(other.take(256), block);
  t.equal(one.take(256), NO_BLOCK);
  t.end();
});

test('blocks lie where their class begins, one behind the other', (t) => {
  const [slab] = slabs();
  const places = Array.from({ length: BLOCKS }, (_, block) => [
    slab?.offset(block as BlockIndex),
    slab?.capacity(block as BlockIndex),
  ]);
  t.same(places, [
    [4096, 16],
    [4112, 16],
    [4128, 16],
    [4144, 64],
    [4208, 64],
    [4272, 256],
  ]);
  t.end();
});
