import { test } from 'tap';
import { percentile } from '../../bench/report/percentile.ts';
import { textChart } from '../../bench/report/text-chart.ts';
import { slopeOf } from '../../bench/report/trend.ts';

test('a curve is drawn between its extremes, which stand at the left', async (t) => {
  t.same(textChart('memory, MB', [10, 50, 30]), [
    'memory, MB',
    '  50  █',
    '      █',
    '      █▅',
    '      ██',
    '  10 ▁██',
  ]);
});

test('a flat curve and an empty one are told in words', async (t) => {
  t.same(textChart('threads', [13, 13]), ['threads: 13 all the time']);
  t.same(textChart('threads', [Number.NaN]), ['threads: not measured']);
});

test('a long curve keeps its shape', async (t) => {
  const rising = Array.from({ length: 1000 }, (_, index) => index);
  const [, top = '', , , , bottom = ''] = textChart('x', rising);
  t.ok(top.endsWith('█') && top.length <= 72, top);
  t.equal(bottom.trimStart().split(' ')[1]?.length, 64);
});

test('the slope is that of the line through the points, whatever their noise', async (t) => {
  const straight = [
    [0, 1],
    [1, 3],
    [2, 5],
  ] as const;
  t.strictSame(slopeOf(straight), { rise: 2, error: 0 });
  const bent = [
    [0, 5],
    [1, 7],
    [2, 7],
    [3, 5],
  ] as const;
  // Residuals of 1 each: the root of 4 / (4 - 2) / 5.
  t.equal(slopeOf(bent).rise, 0);
  t.ok(Math.abs(slopeOf(bent).error - Math.sqrt(0.4)) < 1e-12);
  t.ok(Number.isNaN(slopeOf([[1, 1]]).rise));
});

test('a percentile is a value that was measured', async (t) => {
  t.equal(percentile([5, 1, 4, 2, 3], 0.8), 4);
  t.equal(percentile([1, 2], 0.95), 2);
  t.equal(percentile([Number.NaN, 3], 0.5), 3);
  t.ok(Number.isNaN(percentile([], 0.95)));
});
