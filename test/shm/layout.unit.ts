import * as fc from 'fast-check';
import { test } from 'tap';
import type { BlockIndex, FrontIndex, SlotIndex } from '../../src/core/brand.ts';
import { attachArena, createArena, LARGE_BLOCK, shapeFor } from '../../src/shm/arena.ts';
import {
  type ArenaShape,
  LINE,
  layoutOf,
  RING,
  SEAT,
  SEAT_WORDS,
  SLOT,
  SLOT_WORDS,
  WORD,
} from '../../src/shm/layout.ts';
import { frontHolder, NO_BLOCK } from '../../src/shm/slab.ts';

const PAGE = 4096;
const powerAbove = (value: number): number => 2 ** Math.ceil(Math.log2(value + 1));

const shapes: fc.Arbitrary<ArenaShape> = fc
  .record({
    fronts: fc.integer({ min: 1, max: 5 }),
    slotsPerFront: fc.integer({ min: 1, max: 400 }),
    seats: fc.integer({ min: 1, max: 64 }),
    spare: fc.nat(2),
    sizes: fc.uniqueArray(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 4 }),
    counts: fc.array(fc.nat(300), { minLength: 4, maxLength: 4 }),
  })
  .map(({ fronts, slotsPerFront, seats, spare, sizes, counts }) => ({
    fronts,
    slotsPerFront,
    seats,
    submissionCells: powerAbove(fronts * slotsPerFront) * 2 ** spare,
    completionCells: powerAbove(slotsPerFront) * 2 ** spare,
    classes: sizes
      .toSorted((a, b) => a - b)
      .map((words, index) => ({ size: words * WORD, count: counts[index] ?? 0 })),
  }));

/** Every region as [first byte, byte behind the last]. */
function regionsOf(shape: ArenaShape): [number, number][] {
  const layout = layoutOf(shape);
  const regions: [number, number][] = [];
  const words = (start: number, length: number): void => {
    regions.push([start * WORD, (start + length) * WORD]);
  };
  words(layout.gate, LINE / WORD);
  words(layout.submission, RING.cells + shape.submissionCells);
  for (let front = 0; front < shape.fronts; front++) {
    words(layout.completion + front * layout.completionStride, RING.cells + shape.completionCells);
    words(layout.front + front * layout.frontStride, 1);
  }
  for (let seat = 0; seat < shape.seats; seat++) words(layout.seat + seat * SEAT_WORDS, SEAT_WORDS);
  for (let slot = 0; slot < shape.fronts * shape.slotsPerFront; slot++) {
    words(layout.slot + slot * SLOT_WORDS, SLOT_WORDS);
  }
  words(layout.holders, layout.blocks);
  for (const [index, { size, count }] of shape.classes.entries()) {
    const start = layout.classStart[index] ?? Number.NaN;
    for (let block = 0; block < count; block++)
      regions.push([start + block * size, start + (block + 1) * size]);
  }
  return regions;
}

test('regions do not overlap and lie within the arena', (t) => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { byteLength } = layoutOf(shape);
      let free = 0;
      for (const [start, behind] of regionsOf(shape).toSorted(([a], [b]) => a - b)) {
        if (!(start >= free && behind >= start)) return false;
        free = behind;
      }
      return free <= byteLength && byteLength % WORD === 0;
    }),
  );
  t.pass();
  t.end();
});

test('what different threads write lies on different cache lines, and blocks begin on a page', (t) => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const layout = layoutOf(shape);
      const starts = [
        layout.gate,
        layout.submission,
        layout.completion,
        layout.front,
        layout.seat,
        layout.slot,
      ];
      starts.push(layout.submission + RING.tail, layout.submission + RING.cells, layout.holders);
      starts.push(layout.completion + layout.completionStride, layout.front + layout.frontStride);
      starts.push(layout.seat + SEAT_WORDS, layout.slot + SLOT_WORDS);
      return starts.every((word) => (word * WORD) % LINE === 0) && (layout.classStart[0] ?? 1) % PAGE === 0;
    }),
  );
  t.pass();
  t.end();
});

test('fields of a slot, and of a seat, have words of their own', (t) => {
  for (const [fields, words] of [
    [SLOT, SLOT_WORDS],
    [SEAT, SEAT_WORDS],
  ] as const) {
    const offsets = Object.values(fields);
    t.equal(new Set(offsets).size, offsets.length);
    t.ok(offsets.every((offset) => Number.isInteger(offset) && offset >= 0 && offset < words));
  }
  t.end();
});

test('a shape that cannot work is refused', (t) => {
  const good: ArenaShape = {
    fronts: 1,
    slotsPerFront: 7,
    seats: 2,
    submissionCells: 8,
    completionCells: 8,
    classes: [{ size: 64, count: 2 }],
  };
  t.ok(layoutOf(good).byteLength > 0);
  const bad: Partial<ArenaShape>[] = [
    { seats: 0 },
    { seats: 129 },
    { slotsPerFront: 0x1_0000, submissionCells: 2 ** 17, completionCells: 2 ** 17 },
    { submissionCells: 12 },
    { completionCells: 12 },
    { slotsPerFront: 8 },
    { fronts: 2 },
    { classes: [{ size: 63, count: 2 }] },
    { classes: [{ size: 0, count: 2 }] },
    {
      classes: [
        { size: 64, count: 2 },
        { size: 64, count: 2 },
      ],
    },
  ];
  for (const change of bad)
    t.throws(() => layoutOf({ ...good, ...change }), RangeError, JSON.stringify(change));
  t.end();
});

test('every demand within reason gets a shape that works', (t) => {
  const demand = fc.record({
    fronts: fc.integer({ min: 1, max: 8 }),
    seats: fc.integer({ min: 1, max: 64 }),
    waiting: fc.nat(100_000),
    started: fc.nat(100_000),
  });
  fc.assert(fc.property(demand, (wanted) => layoutOf(shapeFor(wanted)).byteLength > 0));
  t.pass();
  t.end();
});

test('threads that attach the same arena see the same words, each front its own', (t) => {
  const shape = shapeFor({ fronts: 2, seats: 2, waiting: 4, started: 4 });
  const handle = structuredClone(createArena(shape, 0));
  const [one, other] = [attachArena(handle), attachArena(handle)];
  const [first, second] = [0 as FrontIndex, 1 as FrontIndex];
  one.completions(first).push(3 as SlotIndex);
  t.notOk(other.completions(first).isEmpty());
  t.ok(other.completions(second).isEmpty());
  t.equal(other.completions(first).pop(), 3);
  one.doorbell(second).fallAsleep();
  t.notOk(other.doorbell(first).mustRing());
  t.ok(other.doorbell(second).mustRing());
  const block = one.slab(frontHolder(0)).take(LARGE_BLOCK);
  t.not(block, NO_BLOCK, 'the largest body and its context fit a block');
  const slab = other.slab(frontHolder(1));
  t.equal(slab.held(), 1);
  const offset = slab.offset(block as BlockIndex);
  one.bytes[offset] = 77;
  t.equal(other.bytes[offset], 77);
  t.end();
});
