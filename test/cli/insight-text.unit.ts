import { PassThrough } from 'node:stream';
import { test } from 'tap';
import { hotLines } from '../../src/cli/hot-lines.ts';
import { cut, Screen } from '../../src/cli/screen.ts';
import { slowText } from '../../src/cli/slow-text.ts';
import { topFrame } from '../../src/cli/top-frame.ts';
import type { Rates, ToolRates, WorkerRates } from '../../src/insight/rates.ts';
import { UNMEASURED } from '../../src/insight/why-slow.ts';

/** No terminal, so nothing is coloured. */
const PLAIN = new PassThrough();
const SERVER = new URL('http://127.0.0.1:9090');

const WORKER: WorkerRates = {
  seat: 0,
  state: 'serving',
  isStalled: false,
  busy: 0.934,
  gc: 0.02,
  heapMb: 45.2,
  externalMb: 3.21,
  endingForMs: undefined,
  running: [{ tool: 'weather/current', calls: 12 }],
};

const TOOL: ToolRates = {
  plugin: 'weather',
  tool: 'current',
  callsPerSecond: 204.1,
  errorsPerSecond: 0,
  p50Ms: 4.12,
  p99Ms: 31.4,
  waitP99Ms: 0.4,
  circuit: { state: 'closed', retryInMs: 0 },
};

const RATES: Rates = {
  time: Date.parse('2026-01-01T12:00:00.000Z'),
  seconds: 1.02,
  uptimeSeconds: 11_000,
  queueDepth: 3,
  inFlight: 12,
  lingering: 0,
  rssMb: 182.4,
  cpus: 1.324,
  callsPerSecond: 204.1,
  errorsPerSecond: 0.25,
  workers: [WORKER],
  tools: [TOOL],
};

test('top shows totals, workers and tools', (t) => {
  const stuck: WorkerRates = {
    ...WORKER,
    seat: 1,
    isStalled: true,
    heapMb: undefined,
    externalMb: undefined,
    running: [],
  };
  const broken: ToolRates = {
    ...TOOL,
    tool: 'broken',
    callsPerSecond: 0,
    p50Ms: undefined,
    p99Ms: undefined,
    waitP99Ms: undefined,
    circuit: { state: 'open', retryInMs: 8200 },
  };
  const native: WorkerRates = {
    ...stuck,
    seat: 2,
    isStalled: false,
    state: 'terminating',
    endingForMs: 12_000,
  };
  const rates = { ...RATES, workers: [WORKER, stuck, native], tools: [TOOL, broken] };
  const [head, ...rest] = topFrame(rates, SERVER, PLAIN);
  t.match(head, /^http:\/\/127\.0\.0\.1:9090 {2}up 3 h {2}\d\d:00:00$/);
  t.strictSame(rest, [
    '204 calls/s  0.3 errors/s  12 in flight  3 waiting  1.32 CPUs  182 MiB  (over 1.0 s)',
    '',
    'worker  state              busy   gc  heap MiB  other MiB  calls  running',
    '     0  serving            93 %  2 %        45        3.2     12  weather/current',
    '     1  STALLED            93 %  2 %         -          -      0',
    '     2  ending for 12.0 s  93 %  2 %         -          -      0',
    '',
    'tool             calls/s  errors/s     p50    p99  p99 in queue  circuit',
    'weather/current      204         0  4.1 ms  31 ms       0.40 ms  closed',
    'weather/broken         0         0       -      -             -  OPEN, again in 8.2 s',
  ]);
  t.end();
});

test('top keeps to the height of the terminal and counts what it leaves out', (t) => {
  const workers = Array.from({ length: 40 }, (_, seat) => ({ ...WORKER, seat }));
  const tools = Array.from({ length: 40 }, (_, index) => ({ ...TOOL, tool: `t${index}` }));
  for (const rows of [12, 24, 50]) {
    const both = topFrame({ ...RATES, workers, tools }, SERVER, PLAIN, rows);
    t.equal(both.length, rows);
    t.match(
      both.find((line) => line.includes('workers')),
      /^… \d+ more workers$/,
    );
    t.match(both.at(-1), /^… \d+ more tools$/);
  }
  const few = topFrame({ ...RATES, tools }, SERVER, PLAIN, 24);
  t.match(few.at(-1), /^… \d+ more tools$/);
  t.equal(few.length, 24, 'room that workers do not need goes to tools');
  t.match(topFrame({ ...RATES, tools: [] }, SERVER, PLAIN).at(-1), 'no calls in this time');
  t.end();
});

test('a line is cut to the width of the terminal without cutting colours', (t) => {
  const red = '\u001b[31mfailed\u001b[39m';
  t.equal(cut(`${red} twice`, 80), `${red} twice`);
  t.equal(cut(`${red} twice`, 9), `${red} tw`);
  t.equal(cut(`${red} twice`, 3), '\u001b[31mfai\u001b[39m');
  t.end();
});

test('a screen writes over what it showed, and gives the terminal back once', (t) => {
  const written: string[] = [];
  const screen = new Screen({ columns: 5, rows: 2, write: (text: string) => written.push(text) });
  screen.draw(['first line', 'second', 'third']);
  screen[Symbol.dispose]();
  screen[Symbol.dispose]();
  screen.draw(['too late']);
  t.strictSame(written, [
    '\u001b[?1049h\u001b[?25l',
    '\u001b[Hfirst\u001b[0m\u001b[K\r\nsecon\u001b[0m\u001b[K\u001b[J',
    '\u001b[?25h\u001b[?1049l',
  ]);
  t.end();
});

test('hot functions are shown with their share and their place, seen from the current folder', (t) => {
  const functions = [
    { name: 'fibonacci', url: 'file:///srv/plugins/slow/index.ts', line: 12, share: 0.9123 },
    { name: '\u001b[31mred', url: 'file:///opt/other.ts', line: 1, share: 0.05 },
    { name: '(garbage collector)', url: '', line: undefined, share: 0.01 },
    { name: 'readPackage', url: 'node:internal/modules', line: 3, share: 0.001 },
  ];
  t.strictSame(hotLines(functions, '/srv', PLAIN), [
    ' share  function             where',
    '91.2 %  fibonacci            plugins/slow/index.ts:12',
    ' 5.0 %  red                  /opt/other.ts:1',
    ' 1.0 %  (garbage collector)',
    ' 0.1 %  readPackage          node:internal/modules:3',
  ]);
  t.strictSame(hotLines([], '/srv', PLAIN), ['The thread was idle all the time.']);
  t.end();
});

const GROUP = {
  tool: 'weather/current',
  cause: { kind: 'phase', phase: 'run' },
  calls: 62,
  ofCalls: 84,
  phase: 'run',
  phaseMs: 480,
  usualMs: 40.2,
  totalMs: 512,
  requestId: 'req-1',
  advice: 'Its own code has the answer.',
  settings: [],
} as const;

test('slow calls are told in groups: who, what held them up, and what would change it', (t) => {
  const held = {
    ...GROUP,
    cause: { kind: 'pause', phase: 'queue', pause: 'stall', thread: 'worker', by: 'digest/compute' },
    calls: 22,
    phase: 'queue',
    settings: ['fairShare', 'workers'],
  } as const;
  const report = { isMeasured: true, seen: 8400, slow: 84, fromMs: 212, toMs: 530, groups: [GROUP, held] };
  t.strictSame(slowText(report, PLAIN).split('\n'), [
    '8400 calls in the last one to two minutes; the slowest 84 took 212 ms to 530 ms.',
    '',
    '62 of 84 slow calls of weather/current: run',
    '  run took 480 ms of 512 ms; usually it takes 40 ms',
    '  Its own code has the answer.',
    '  slowest: request id req-1',
    '',
    '22 of 84 slow calls of weather/current: queue, while its worker was kept by digest/compute',
    '  queue took 480 ms of 512 ms; usually it takes 40 ms',
    '  Its own code has the answer.',
    '  settings: fairShare, workers',
    '  slowest: request id req-1',
    '',
  ]);
  t.end();
});

test('it is said when nothing is measured, nothing was called, or too little to judge by', (t) => {
  t.match(slowText(UNMEASURED, PLAIN), /its setting phases is off/);
  t.match(slowText({ ...UNMEASURED, isMeasured: true }, PLAIN), /^No call was answered/);
  const few = { isMeasured: true, seen: 30, slow: 1, fromMs: 12, toMs: 12, groups: [] };
  t.equal(
    slowText(few, PLAIN),
    '30 calls in the last one to two minutes; the slowest took 12 ms.\n' +
      'So few calls say little: the slowest per cent is less than one of them.\n',
  );
  t.end();
});
