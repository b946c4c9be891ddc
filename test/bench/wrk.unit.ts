import { test } from 'tap';
import { readWrkOutput } from '../../bench/load/wrk.ts';

test("the totals are found among wrk's own lines", async (t) => {
  const output = 'Running 2s test\n  1 threads\ntotals 84321 2001234 0 0 0 0 0\nRequests/sec: 1\n';
  t.same(readWrkOutput(output), { requests: 84_321, seconds: 2.001234, faults: {} });
});

test('errors are named by their kind', async (t) => {
  t.same(readWrkOutput('totals 10 1000000 1 0 3 7 0\n').faults, {
    'wrk: connect error': 1,
    'wrk: write error': 3,
    'wrk: status error': 7,
  });
});

test('output without totals is an error', async (t) => {
  t.throws(() => readWrkOutput('unable to connect\n'), /no totals:\nunable to connect/);
});
