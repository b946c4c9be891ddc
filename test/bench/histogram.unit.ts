import * as fc from 'fast-check';
import { test } from 'tap';
import { Histogram } from '../../bench/load/histogram.ts';

const values = fc.array(fc.oneof(fc.nat(300), fc.nat(100_000), fc.nat(2 ** 31 - 1)), {
  minLength: 1,
  maxLength: 400,
});
const fractions = fc.constantFrom(0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1);

function filled(numbers: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of numbers) histogram.record(value);
  return histogram;
}

test('every quantile is within 1 % of the exact one', async (t) => {
  fc.assert(
    fc.property(values, fractions, (numbers, fraction) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(fraction * sorted.length)) - 1] ?? Number.NaN;
      return Math.abs(filled(numbers).quantile(fraction) - exact) <= exact * 0.01;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('values below 256 are exact', async (t) => {
  for (let value = 0; value < 256; value += 1) t.equal(filled([value, 1000]).quantile(0.5), value);
});

test('count, mean and maximum are exact', async (t) => {
  const histogram = filled([1, 2, 999_999]);
  t.equal(histogram.count, 3);
  t.equal(histogram.max, 999_999);
  t.equal(histogram.mean, 1_000_002 / 3);
});

test('histograms added through their JSON records equal one that saw all values', async (t) => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const merged = new Histogram();
      for (const part of [left, [], right]) merged.add(JSON.parse(JSON.stringify(filled(part).toRecord())));
      const whole = filled([...left, ...right]);
      return (
        JSON.stringify(merged.toRecord()) === JSON.stringify(whole.toRecord()) &&
        merged.quantile(0.99) === whole.quantile(0.99)
      );
    }),
  );
  t.pass();
});

test('values out of range count as the nearest end', async (t) => {
  t.equal(filled([-5]).quantile(1), 0);
  t.equal(filled([1e12]).quantile(1), 2 ** 31 - 1);
});

test('an empty histogram has no quantile', async (t) => {
  t.ok(Number.isNaN(new Histogram().quantile(0.5)));
});
