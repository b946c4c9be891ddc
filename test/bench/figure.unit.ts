import { test } from 'tap';
import { atLeast, atMost, type Bound, judge } from '../../bench/report/figure.ts';

const verdict = (bound: Bound, ...values: number[]) => judge({ name: 'x', unit: 'x', bound, values }).verdict;

test('the median is judged, in either direction', async (t) => {
  t.equal(verdict(atLeast(0.85, 1), 0.2, 1, 3), 'aim');
  t.equal(verdict(atLeast(0.85, 1), 0.85), 'must');
  t.equal(verdict(atLeast(0.85, 1), 0.84, 0.85, 0.7), 'missed');
  t.equal(verdict(atMost(10, 3), 3), 'aim');
  t.equal(verdict(atMost(10, 3), 2, 9), 'must');
  t.equal(verdict(atMost(10, 3), 10.01), 'missed');
});

test('a figure without values counts as not measured', async (t) => {
  t.match(judge({ name: 'x', unit: 'x', bound: atLeast(1, 2), values: [] }), { verdict: 'not measured' });
});
