import * as fc from 'fast-check';
import { test } from 'tap';
import type { FrontIndex, SeatIndex, ToolId } from '../../src/core/brand.ts';
import { createMeters, DURATION_BOUNDS, GC_BOUNDS, Meters } from '../../src/shm/meters.ts';

const SHAPE = { fronts: 2, seats: 3, outcomes: 4 };
const front = (index: number): FrontIndex => index as FrontIndex;
const seat = (index: number): SeatIndex => index as SeatIndex;
const tool = (index: number): ToolId => index as ToolId;

const fresh = (): Meters => new Meters(createMeters(SHAPE), SHAPE);
const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

test('a call is counted under its tool and outcome, over all fronts', async (t) => {
  const meters = fresh();
  meters.recordCall(front(0), tool(1), 2, 500);
  meters.recordCall(front(1), tool(1), 2, 500);
  meters.countCall(front(0), tool(1), 3);
  t.strictSame(meters.outcomes(tool(1)), [0, 0, 2, 1]);
  t.strictSame(meters.outcomes(tool(0)), [0, 0, 0, 0]);
  t.equal(total(meters.durations(tool(1)).counts), 2, 'a call that was never queued has no duration');
});

test('a duration falls into the first bucket whose bound is not below it', async (t) => {
  const meters = fresh();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60_000_000 }), (micros) => {
      const before = meters.durations(tool(0)).counts;
      meters.recordCall(front(0), tool(0), 0, micros);
      const bucket = meters.durations(tool(0)).counts.findIndex((count, index) => count !== before[index]);
      const upper = DURATION_BOUNDS[bucket] ?? Number.POSITIVE_INFINITY;
      const lower = bucket === 0 ? -1 : (DURATION_BOUNDS[bucket - 1] ?? 0);
      return micros / 1e6 <= upper && micros / 1e6 > lower;
    }),
    { numRuns: 200, examples: [[8000], [8001], [80_000], [80_001], [0], [30_000_000], [30_000_001]] },
  );
  t.ok(DURATION_BOUNDS.includes(0.008) && DURATION_BOUNDS.includes(0.08), 'the objectives are bounds');
});

test('sums are in seconds, and waiting is kept apart from durations', async (t) => {
  const meters = fresh();
  meters.recordCall(front(0), tool(0), 0, 1_500_000);
  meters.recordWait(front(0), tool(0), 250_000);
  meters.recordWait(front(1), tool(0), 250_000);
  t.equal(meters.durations(tool(0)).sum, 1.5);
  t.equal(meters.waits(tool(0)).sum, 0.5);
  t.equal(total(meters.waits(tool(0)).counts), 2);
});

test('each seat has a row of its own', async (t) => {
  const meters = fresh();
  meters.addBusy(seat(1), 250);
  meters.addBusy(seat(1), 250);
  meters.addSlab(seat(1), { hits: 5, misses: 1, upgrades: 0, fallbacks: 2 });
  meters.addSlab(seat(1), { hits: 1, misses: 0, upgrades: 3, fallbacks: 0 });
  meters.recordGc(seat(2), 900);
  t.match(meters.seat(seat(1)), { busy: 0.5, hits: 6, misses: 1, upgrades: 3, fallbacks: 2 });
  t.match(meters.seat(seat(0)), { busy: 0, hits: 0, misses: 0, upgrades: 0, fallbacks: 0 });
  t.equal(meters.seat(seat(2)).gc.counts.indexOf(1), GC_BOUNDS.indexOf(0.001));
  t.equal(total(meters.seat(seat(1)).gc.counts), 0);
});

test('whoever attaches to the same memory reads the same counts', async (t) => {
  const memory = createMeters(SHAPE);
  new Meters(memory, SHAPE).recordCall(front(1), tool(7), 1, 1000);
  t.strictSame(new Meters(memory, SHAPE).outcomes(tool(7)), [0, 1, 0, 0]);
});

test('tools beyond the last row share it, and no count spills into another row', async (t) => {
  const meters = fresh();
  meters.recordCall(front(0), tool(5000), 0, 1);
  meters.recordCall(front(0), tool(6000), 0, 1);
  t.strictSame(meters.outcomes(tool(9999)), [2, 0, 0, 0]);
  t.strictSame(meters.outcomes(tool(0)), [0, 0, 0, 0]);
  t.equal(total([0, 1, 2].map((index) => meters.seat(seat(index)).busy)), 0);
});
