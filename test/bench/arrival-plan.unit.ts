import * as fc from 'fast-check';
import { test } from 'tap';
import { planArrivals } from '../../bench/load/arrival-plan.ts';

test('a constant plan is evenly spaced', async (t) => {
  const plan = planArrivals('constant', 1000, 50, 1);
  t.equal(plan.length, 49);
  t.ok(plan.every((time, index) => Math.abs(time - (index + 1)) < 1e-6));
});

test('a Poisson plan has the asked rate and the spread of exponential gaps', async (t) => {
  const plan = planArrivals('poisson', 8000, 20_000, 7);
  t.ok(Math.abs(plan.length / 160_000 - 1) < 0.02, `${plan.length} arrivals`);
  const gaps = plan.map((time, index) => time - (plan[index - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  // The standard deviation of an exponential distribution equals its mean.
  t.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.05);
});

test('any plan ascends and stays inside its time', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom('constant' as const, 'poisson' as const),
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 1, max: 500 }),
      fc.integer(),
      (kind, rate, duration, seed) => {
        const plan = planArrivals(kind, rate, duration, seed);
        return plan.every((time, index) => time >= (plan[index - 1] ?? 0) && time < duration);
      },
    ),
  );
  t.pass();
});

test('the same seed gives the same plan, another seed another one', async (t) => {
  t.same(planArrivals('poisson', 100, 1000, 3), planArrivals('poisson', 100, 1000, 3));
  t.notSame(planArrivals('poisson', 100, 1000, 3), planArrivals('poisson', 100, 1000, 4));
});
