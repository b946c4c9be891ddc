import { test } from 'tap';
import { quantile } from '../../src/insight/distribution.ts';
import type { LiveTool, LiveView, LiveWorker } from '../../src/insight/live-view.ts';
import { ratesBetween } from '../../src/insight/rates.ts';

const BOUNDS = [0.001, 0.01, 0.1];

test('a quantile lies in its bucket as far as its share of the bucket goes', (t) => {
  const counts = [10, 80, 10, 0];
  t.equal(quantile({ counts }, BOUNDS, 0.05), 0.0005);
  t.equal(quantile({ counts }, BOUNDS, 0.1), 0.001);
  t.ok(Math.abs((quantile({ counts }, BOUNDS, 0.5) ?? 0) - 0.0055) < 1e-9);
  t.equal(quantile({ counts }, BOUNDS, 1), 0.1);
  t.end();
});

test('nothing counted has no quantile, and above the last bound only that bound is known', (t) => {
  t.equal(quantile({ counts: [0, 0, 0, 0] }, BOUNDS, 0.5), undefined);
  t.equal(quantile({ counts: [1, 0, 0, 99] }, BOUNDS, 0.99), 0.1);
  t.end();
});

function tool(
  outcomes: Record<string, number>,
  counts: readonly number[],
  more: Partial<LiveTool> = {},
): LiveTool {
  const histogram = { counts, sum: 0 };
  return { plugin: 'weather', tool: 'current', outcomes, durations: histogram, waits: histogram, ...more };
}

function worker(more: Partial<LiveWorker> = {}): LiveWorker {
  return { seat: 0, state: 'serving', turns: 0, busySeconds: 0, gcSeconds: 0, running: [], ...more };
}

function view(uptimeSeconds: number, more: Partial<LiveView> = {}): LiveView {
  return {
    time: 1_000_000 + uptimeSeconds * 1000,
    uptimeSeconds,
    queueDepth: 0,
    inFlight: 0,
    lingering: 0,
    process: { rssMb: 100, cpuSeconds: uptimeSeconds * 1.5 },
    bounds: BOUNDS,
    workers: [],
    tools: [],
    ...more,
  };
}

test('rates are of the time between two views, whatever was before', (t) => {
  const before = view(10, { tools: [tool({ success: 1000 }, [1000, 0, 0, 0])] });
  const after = view(12, {
    queueDepth: 3,
    tools: [tool({ success: 1090, deadline_exceeded: 8, schema_violation: 2 }, [1000, 100, 0, 0])],
  });
  const rates = ratesBetween(before, after);
  t.match(rates, { seconds: 2, cpus: 1.5, queueDepth: 3, callsPerSecond: 50, errorsPerSecond: 4 });
  t.match(rates?.tools, [{ plugin: 'weather', callsPerSecond: 50, errorsPerSecond: 4 }]);
  const p50 = rates?.tools[0]?.p50Ms ?? 0;
  t.ok(p50 > 1 && p50 < 10, `only calls of that time count: ${p50} ms`);
  t.end();
});

test('tools nobody called are left out, but not those whose circuit is open', (t) => {
  const idle = tool({ success: 5 }, [5, 0, 0, 0]);
  const open = tool({ success: 5 }, [5, 0, 0, 0], {
    tool: 'broken',
    circuit: { state: 'open', retryInMs: 900 },
  });
  const rates = ratesBetween(view(1, { tools: [idle, open] }), view(2, { tools: [idle, open] }));
  t.match(rates?.tools, [{ tool: 'broken', callsPerSecond: 0, p99Ms: undefined }]);
  t.equal(rates?.tools.length, 1);
  t.end();
});

/** The rates of a worker whose turns stood at 0 before, and that was busy for a quarter of a second since. */
function ratesOfWorker(seconds: number, turns: number, more: Partial<LiveWorker> = {}) {
  const before = view(1, { workers: [worker({ busySeconds: 5, gcSeconds: 1 })] });
  const now = worker({ turns, busySeconds: 5.25, gcSeconds: 1.125, ...more });
  return ratesBetween(before, view(1 + seconds, { workers: [now] }))?.workers;
}

test('a worker that has not turned for long enough is stalled and busy all the time', (t) => {
  t.match(ratesOfWorker(0.5, 7), [{ isStalled: false, busy: 0.5, gc: 0.25 }]);
  t.match(ratesOfWorker(0.5, 0), [{ isStalled: true, busy: 1 }]);
  t.match(
    ratesOfWorker(0.125, 0),
    [{ isStalled: false }],
    'an idle thread may sleep for a tenth of a second',
  );
  t.match(ratesOfWorker(0.5, 0, { state: 'standby' }), [{ isStalled: false }], 'that has no loop yet');
  t.end();
});

test('views of two lives of a server, or of one moment, have no rates', (t) => {
  t.equal(ratesBetween(view(100), view(3)), undefined);
  t.equal(ratesBetween(view(3), view(3)), undefined);
  t.end();
});
