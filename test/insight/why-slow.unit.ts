import { test } from 'tap';
import type { SeatIndex, ToolId } from '../../src/core/brand.ts';
import type { SlowCall } from '../../src/dispatch/slow-calls.ts';
import type { Surroundings } from '../../src/insight/cause.ts';
import { whySlow } from '../../src/insight/why-slow.ts';
import type { Pause } from '../../src/shm/pauses.ts';
import type { Phase, PhaseTimes } from '../../src/wire/phases.ts';

const WEATHER = 0 as ToolId;
const DIGEST = 1 as ToolId;
const NAMES = ['weather/current', 'digest/compute'];

/** A call that begins at 1000 ms and takes so many milliseconds in each phase. */
function slowCall(ms: Partial<Record<Phase, number>>, more: Partial<SlowCall> = {}): SlowCall {
  const all = { read: 0, queue: 0, parse: 0, validate: 0, run: 0, encode: 0, send: 0, ...ms };
  const micros = Object.entries(all).map(([phase, value]) => [phase, value * 1000]);
  const phases: PhaseTimes = { ...all, ...Object.fromEntries(micros) };
  const duration = Object.values(all).reduce((sum, value) => sum + value, 0);
  return {
    tool: WEATHER,
    seat: 0 as SeatIndex,
    requestId: 'r1',
    outcome: 0,
    begin: 1000,
    duration,
    phases,
    ...more,
  };
}

interface Scene {
  /** In milliseconds. */
  readonly usual?: Partial<Record<Phase, number>>;
  /** By seat. */
  readonly workers?: readonly (readonly Pause[])[];
  readonly main?: readonly Pause[];
}

function scene({ usual = {}, workers = [[], []], main = [] }: Scene = {}): Surroundings {
  return {
    usualMs: (_tool, phase) => usual[phase],
    workers: new Map(workers.map((pauses, seat) => [seat as SeatIndex, pauses])),
    main,
    nameOf: (tool) => NAMES[tool] ?? '?',
  };
}

const causesOf = (calls: readonly SlowCall[], around: Surroundings) =>
  whySlow({ seen: 100 * calls.length, calls }, around).groups.map(({ cause }) => cause);

const stall = (begin: number, duration: number, tool?: ToolId): Pause => ({
  kind: 'stall',
  begin,
  duration,
  tool,
});

const gc = (kind: Pause['kind']): Pause => ({ kind, begin: 1010, duration: 40, tool: undefined });

test('the phase that took the most over its usual time is named, not the longest one', (t) => {
  const call = slowCall({ queue: 60, run: 80 });
  t.strictSame(causesOf([call], scene({ usual: { run: 70, queue: 0.2 } })), [
    { kind: 'phase', phase: 'queue' },
  ]);
  t.strictSame(causesOf([call], scene({ usual: { run: 5, queue: 0.2 } })), [{ kind: 'phase', phase: 'run' }]);
  t.end();
});

test('of a tool that was called too rarely to know what is usual, the longest phase is told', (t) => {
  const [group] = whySlow({ seen: 1, calls: [slowCall({ run: 80, send: 20 })] }, scene()).groups;
  t.match(group, { cause: { kind: 'phase', phase: 'run' }, phaseMs: 80 });
  t.equal(group?.usualMs, undefined);
  t.end();
});

test('where nothing stands out it is said so, with no advice to change a setting', (t) => {
  const around = scene({ usual: { run: 50 } });
  const [group] = whySlow({ seen: 100, calls: [slowCall({ run: 60 })] }, around).groups;
  t.match(group, { cause: { kind: 'nothing' }, phase: 'run', phaseMs: 60, usualMs: 50, settings: [] });
  t.match(group?.advice, 'No phase stands out');
  t.end();
});

test('a garbage collection of the worker that covers the excess is the cause, and says which memory', (t) => {
  const usual = { run: 5 };
  const call = slowCall({ run: 60 });
  for (const [pause, setting] of [
    ['gc-young', 'workerYoungMb'],
    ['gc-full', 'workerHeapMb'],
  ] as const) {
    const { groups } = whySlow({ seen: 100, calls: [call] }, scene({ usual, workers: [[gc(pause)]] }));
    t.match(groups, [
      { cause: { kind: 'pause', phase: 'run', pause, thread: 'worker' }, settings: [setting] },
    ]);
  }
  const elsewhere = scene({ usual, workers: [[], [gc('gc-full')]], main: [gc('gc-full')] });
  t.strictSame(causesOf([call], elsewhere), [{ kind: 'phase', phase: 'run' }], 'not that of another thread');
  const before: Pause = { ...gc('gc-full'), begin: 900 };
  t.strictSame(causesOf([call], scene({ usual, workers: [[before]] })), [{ kind: 'phase', phase: 'run' }]);
  t.end();
});

test('a stall names whose call held the thread: another tool’s, its own, or nobody known', (t) => {
  const call = slowCall({ queue: 1, parse: 100 });
  const causeFor = (by: ToolId | undefined) =>
    causesOf([call], scene({ workers: [[stall(1000, 110, by)]] }))[0];
  t.match(causeFor(DIGEST), { kind: 'pause', pause: 'stall', by: 'digest/compute' });
  t.match(causeFor(WEATHER), { kind: 'pause', pause: 'stall', by: 'itself' });
  t.match(causeFor(undefined), { kind: 'pause', pause: 'stall', by: undefined });
  t.end();
});

test('a wait in the queue is another worker’s fault only where too few workers were left', (t) => {
  const call = slowCall({ queue: 100 });
  const held = [stall(1000, 100, DIGEST)];
  t.match(causesOf([call], scene({ workers: [[], held] })), [{ kind: 'pause', by: 'digest/compute' }]);
  t.match(causesOf([call], scene({ workers: [[], [], [], held] })), [{ kind: 'phase', phase: 'queue' }]);
  t.end();
});

test('reading and sending are held up by the main thread, not by workers', (t) => {
  const around = scene({ workers: [[stall(1000, 200)]], main: [stall(1050, 60)] });
  t.match(causesOf([slowCall({ run: 10, send: 90 })], around), [
    { kind: 'pause', phase: 'send', thread: 'main' },
  ]);
  const calm = scene({ workers: [[stall(1000, 200)]] });
  t.match(causesOf([slowCall({ send: 90 })], calm), [{ kind: 'phase', phase: 'send' }]);
  t.match(causesOf([slowCall({ read: 90 })], calm), [{ kind: 'phase', phase: 'read' }]);
  t.end();
});

test('calls of one tool and cause make a group, the most lost time first', (t) => {
  const calls = [
    slowCall({ run: 500 }, { requestId: 'slowest' }),
    slowCall({ run: 480 }),
    slowCall({ queue: 300 }),
    slowCall({ run: 200 }),
    slowCall({ run: 100 }, { tool: DIGEST, requestId: 'd' }),
  ];
  const report = whySlow({ seen: 500, calls }, scene({ usual: { run: 40, queue: 0 } }));
  t.match(report, { isMeasured: true, seen: 500, slow: 5, fromMs: 100, toMs: 500 });
  t.match(report.groups, [
    {
      tool: 'weather/current',
      phase: 'run',
      calls: 3,
      ofCalls: 4,
      phaseMs: 480,
      usualMs: 40,
      requestId: 'slowest',
    },
    { tool: 'weather/current', phase: 'queue', calls: 1, ofCalls: 4, phaseMs: 300, totalMs: 300 },
    { tool: 'digest/compute', phase: 'run', calls: 1, ofCalls: 1, requestId: 'd' },
  ]);
  t.end();
});

test('without a single call there is nothing to report', (t) => {
  t.strictSame(whySlow({ seen: 0, calls: [] }, scene()), {
    isMeasured: true,
    seen: 0,
    slow: 0,
    fromMs: undefined,
    toMs: undefined,
    groups: [],
  });
  t.end();
});
