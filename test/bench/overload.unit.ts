import { createServer } from 'node:http';
import { type Test, test } from 'tap';
import { UsageError } from '../../bench/commands/command.ts';
import { parseOverloadOptions } from '../../bench/commands/overload-options.ts';
import { parseTuningOptions } from '../../bench/commands/tuning-options.ts';
import { echoCall } from '../../bench/load/call.ts';
import { boundOf, readMetrics, sumOf } from '../../bench/load/server-metrics.ts';
import { arrivalsOf, sendStreams } from '../../bench/load/stream-sender.ts';
import type { SentCall, StreamsOrder } from '../../bench/load/streams.ts';
import { judgeNeighbour } from '../../bench/scenarios/neighbour-verdict.ts';
import { judgeOverload, readExecutions } from '../../bench/scenarios/overload-verdict.ts';
import { adviceFor } from '../../bench/scenarios/tuning-advice.ts';

const phases = { calmAt: 0, overloadAt: 2000, recoveryAt: 4000, endAt: 6000 };

function sent(serial: number, dueMs: number, rest: Partial<SentCall> = {}): SentCall {
  return { serial, dueMs, latencyMs: 10, endedAt: dueMs + 10, status: 200, ...rest };
}

const refused = { status: 503, code: 'OVERLOADED', retryAfter: 1, latencyMs: 1 };

/** The plugin's count when everything that was answered was executed once. */
function executionsOf(calls: readonly SentCall[]) {
  return calls
    .filter(({ status }) => status === 200)
    .map(({ serial, dueMs }) => ({ serial, beganAt: dueMs + 1 }));
}

test('goodput counts right answers by when they arrive, latencies by when they were sent', async (t) => {
  const calls = [
    sent(1, 1500),
    sent(2, 1990, { latencyMs: 20 }),
    sent(3, 2500, { latencyMs: 400 }),
    sent(4, 2600, refused),
    sent(5, 2700, { ...refused, latencyMs: 50, isStalled: true }),
    sent(6, 3900, { latencyMs: 500 }),
    sent(7, 5500, { latencyMs: 30 }),
  ];
  t.same(judgeOverload(calls, executionsOf(calls), phases), {
    goodput: 1,
    acceptedP99Ms: 500,
    refusedP99Ms: 1,
    refusedP99WithStallsMs: 50,
    refusedShare: 0.5,
    calmP99Ms: 20,
    recoveredP99Ms: 30,
    faults: {},
  });
});

test('a call refused a second after the load has fallen is no recovery', async (t) => {
  const calls = [sent(1, 1500), sent(2, 5500, refused)];
  t.equal(judgeOverload(calls, executionsOf(calls), phases).recoveredP99Ms, Number.POSITIVE_INFINITY);
});

function faultsOf(rest: Partial<SentCall>): Readonly<Record<string, number>> {
  return judgeOverload([sent(1, 2500, rest)], [], phases).faults;
}

test('what is neither a right answer nor a right refusal is named', async (t) => {
  t.same(faultsOf({ status: 503, code: 'OVERLOADED' }), { 'OVERLOADED without a Retry-After': 1 });
  t.same(faultsOf({ ...refused, code: 'NOT_READY' }), { 'status 503 NOT_READY': 1 });
  t.same(faultsOf({ status: 504, code: 'DEADLINE_EXCEEDED' }), { 'status 504 DEADLINE_EXCEEDED': 1 });
  t.same(faultsOf({ status: 0, fault: 'no answer' }), { 'no answer': 1 });
});

/** The faults of a call that was executed at these times. */
function executedAt(call: SentCall, ...times: number[]): readonly string[] {
  const executions = times.map((beganAt) => ({ serial: 1, beganAt }));
  return Object.keys(judgeOverload([call], executions, phases).faults);
}

test('executions are laid beside the answers call by call', async (t) => {
  t.same(executedAt(sent(1, 2500), 2501), []);
  t.same(executedAt(sent(1, 2500)), ['answered without having been executed']);
  t.same(executedAt(sent(1, 2500), 2501, 2502), ['executed 2 times']);
  t.same(executedAt(sent(1, 2500, refused), 2501), ['executed although refused']);
  const expired = { status: 504, code: 'DEADLINE_EXCEEDED', endedAt: 2700 };
  t.same(executedAt(sent(1, 2500, expired), 2719), ['status 504 DEADLINE_EXCEEDED']);
  t.same(executedAt(sent(1, 2500, expired), 2721), [
    'status 504 DEADLINE_EXCEEDED',
    'executed after its end',
  ]);
});

test('the count of executions leaves out the calls of other generators', async (t) => {
  t.same(readExecutions('7 100.5\n1000001 101.25\n', 1_000_000), [{ serial: 1_000_001, beganAt: 101.25 }]);
});

test('a neighbour is compared with itself, and what it lost took for ever', async (t) => {
  const calls = [
    sent(1, 500, { latencyMs: 99 }),
    sent(2, 1500),
    sent(3, 2500, { latencyMs: 15 }),
    sent(5, 2550, { latencyMs: 80, isStalled: true }),
    sent(4, 2600, { latencyMs: 1, status: 502, code: 'WORKER_DIED' }),
  ];
  t.same(judgeNeighbour(calls, { calmAt: 1000, troubleAt: 2000, endAt: 3000 }), {
    calmP50Ms: 10,
    calmP99Ms: 10,
    troubledP50Ms: 15,
    troubledP99Ms: Number.POSITIVE_INFINITY,
    lost: { 'status 502 WORKER_DIED': 1 },
    lostCalls: 1,
    stalledShare: 1 / 3,
  });
});

function row(title: string, p99Ms: number, residentMB: number, behindP99Ms = 1) {
  return { title, p99Ms, residentMB, behindP99Ms };
}

test('advice names the smallest value that is good enough, and what is worse or dearer', async (t) => {
  t.same(adviceFor([row('1', 30, 80), row('4', 11, 90), row('16', 10, 91), row('64', 10, 190)]), [
    '1: P99 3 times the best: avoid it',
    '4: the smallest value whose P99 is as good as the best',
    '64: 100 MB more than 4, no better P99',
  ]);
  t.same(adviceFor([row('1', 30, 80)]), []);
  t.same(adviceFor([row('1', 30, 80), row('4', 10, 90, 3)]), [
    'no advice: the sender was late too often (a busy machine)',
  ]);
});

async function listening(t: Test, latencyMs: number) {
  let [open, most] = [0, 0];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { text }: { readonly text: string } = JSON.parse(body).parameters;
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      const isRefused = text.endsWith('7');
      const answer = isRefused
        ? { status: 'error', code: 'OVERLOADED' }
        : { status: 'success', data: { text } };
      const json = JSON.stringify(answer);
      const headers = { 'Content-Length': json.length, ...(isRefused ? { 'Retry-After': '3' } : {}) };
      response.writeHead(isRefused ? 503 : 200, headers).end(json);
    }, latencyMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, mostAtOnce: () => most };
}

test('a slow server does not slow the sender down, and every call is told by itself', async (t) => {
  const { port, mostAtOnce } = await listening(t, 250);
  const order: StreamsOrder = {
    port,
    streams: [
      {
        name: 'calls',
        call: echoCall,
        arrivals: 'constant',
        phases: [{ ratePerSecond: 200, ms: 250, seed: 1 }],
      },
    ],
    firstSerial: 100,
    exact: false,
    goesFirst: false,
    graceMs: 5000,
  };
  const { calls } = await sendStreams(order);
  const own = calls.calls ?? [];
  t.equal(own.length, 49);
  t.ok(mostAtOnce() > 30, `${mostAtOnce()} at once`);
  t.same(
    own.map(({ serial }) => serial).toSorted((a, b) => a - b),
    Array.from({ length: 49 }, (_, index) => 100 + index),
  );
  t.match(
    own.find(({ serial }) => serial === 117),
    { status: 503, code: 'OVERLOADED', retryAfter: 3 },
  );
  t.equal(own.find(({ serial }) => serial === 118)?.status, 200);
  t.ok(own.every(({ latencyMs, fault }) => latencyMs >= 245 && fault === undefined));
});

test('a call during which the sender stood still is marked', async (t) => {
  const { port } = await listening(t, 100);
  const phase = { ratePerSecond: 20, ms: 300, seed: 1 };
  setTimeout(() => {
    const end = performance.now() + 30;
    while (performance.now() < end);
  }, 200);
  const { calls } = await sendStreams({
    port,
    streams: [{ name: 'calls', call: echoCall, arrivals: 'constant', phases: [phase] }],
    firstSerial: 0,
    exact: false,
    goesFirst: false,
    graceMs: 1000,
  });
  const [first, , third] = (calls.calls ?? []).toSorted((a, b) => a.dueMs - b.dueMs);
  t.match(third, { dueMs: 150, isStalled: true });
  t.equal(first?.status, 200);
});

test('a call without an answer is told as such when the waiting ends', async (t) => {
  const { port } = await listening(t, 600);
  const phase = { ratePerSecond: 100, ms: 25, seed: 1 };
  const { calls } = await sendStreams({
    port,
    streams: [{ name: 'calls', call: echoCall, arrivals: 'constant', phases: [phase] }],
    firstSerial: 0,
    exact: true,
    goesFirst: false,
    graceMs: 100,
  });
  t.match(calls.calls, [
    { status: 0, fault: 'no answer' },
    { status: 0, fault: 'no answer' },
  ]);
});

test('phases of the same rate and seed have the same arrivals', async (t) => {
  const phase = { ratePerSecond: 100, ms: 100, seed: 3 };
  const silence = { ratePerSecond: 0, ms: 50, seed: 3 };
  const times = arrivalsOf({ arrivals: 'poisson', phases: [phase, silence, phase] });
  const first = times.filter((time) => time < 100);
  t.ok(first.length > 0);
  t.same(
    times.slice(first.length).map((time) => Math.round((time - 150) * 1e6)),
    first.map((time) => Math.round(time * 1e6)),
  );
});

test("the server's metrics are added up over their labels", async (t) => {
  const metrics = readMetrics(
    [
      '# TYPE pause histogram',
      'pause_bucket{thread="a",le="0.01"} 90',
      'pause_bucket{thread="a",le="0.1"} 98',
      'pause_bucket{thread="a",le="+Inf"} 100',
      'pause_bucket{thread="b",le="0.01"} 100',
      'pause_bucket{thread="b",le="0.1"} 100',
      'pause_bucket{thread="b",le="+Inf"} 100',
      'pause_count{thread="a"} 100',
      'pause_count{thread="b"} 100',
    ].join('\n'),
  );
  t.equal(sumOf(metrics, 'pause_count'), 200);
  t.equal(sumOf(metrics, 'nothing'), undefined);
  t.equal(boundOf(metrics, 'pause', 0.95), 0.01);
  t.equal(boundOf(metrics, 'pause', 0.99), 0.1);
  t.equal(boundOf(metrics, 'nothing', 0.5), undefined);
});

test('the command lines of overload and tuning are checked', async (t) => {
  const known = ['overload', 'neighbour'];
  t.match(parseOverloadOptions(['--quick', '--deaths', '7', '--only', 'neighbour'], known), {
    effort: { rounds: 1, deaths: 7 },
    only: ['neighbour'],
  });
  t.match(parseTuningOptions(['--rounds', '2'], ['young']), { effort: { rounds: 2 }, only: undefined });
  for (const wrong of [['--deaths', '0'], ['--rounds', 'x'], ['--only', 'echo'], ['--fast']]) {
    t.throws(() => parseOverloadOptions(wrong, known), wrong.join(' '));
  }
  t.throws(
    () => parseTuningOptions(['--only', 'old'], ['young']),
    new UsageError('there is no scenario "old"; there are young'),
  );
});
