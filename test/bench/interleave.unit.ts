import { test } from 'tap';
import { ratios } from '../../bench/scenarios/interleave.ts';

const rounds = new Map([
  ['fast', [200, 300, 100]],
  ['slow', [100, 100, 200]],
  ['short', [50]],
]);
const same = (value: number) => value;

test('a ratio is taken within one round', async (t) => {
  t.same(ratios(rounds, 'fast', 'slow', same), [2, 3, 0.5]);
});

test('rounds that one of the two did not get give no ratio', async (t) => {
  t.same(ratios(rounds, 'fast', 'short', same), [4]);
  t.same(ratios(rounds, 'fast', 'left out', same), []);
  t.same(ratios(rounds, 'left out', 'fast', same), []);
});
