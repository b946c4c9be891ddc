import { mock } from 'node:test';
import { type Test, test } from 'tap';
import type { VersionId } from '../../src/core/brand.ts';
import type { VersionCount } from '../../src/dispatch/version-counts.ts';
import { hashOf } from '../../src/registry/content.ts';
import { failing, losing, tripping } from '../../src/reload/doubts.ts';
import { PluginRecord } from '../../src/reload/plugin-record.ts';
import { Probation } from '../../src/reload/probation.ts';
import { Version } from '../../src/reload/version.ts';
import { ANYWHERE } from '../support/outbound.ts';

test('new code is doubted when most of its first calls fail, and its predecessor’s did not', async (t) => {
  const fine = { calls: 100, faults: 1 };
  t.equal(failing({ calls: 5, faults: 3 }, fine), '3 of its first 5 calls failed');
  t.equal(failing({ calls: 4, faults: 4 }, fine), undefined, 'too few calls to say');
  t.equal(failing({ calls: 10, faults: 5 }, fine), undefined, 'as many work as fail');
  t.equal(failing({ calls: 10, faults: 10 }, { calls: 10, faults: 9 }), undefined, 'it was no better before');
  t.ok(failing({ calls: 10, faults: 10 }, { calls: 0, faults: 0 }), 'nobody called it before');
});

test('new code is doubted when it has opened a circuit, and its predecessor did not fail', async (t) => {
  t.match(
    tripping(['echo', 'other'], { calls: 100, faults: 1 }),
    /^most of the calls of its tool echo failed/,
  );
  t.equal(tripping([], { calls: 100, faults: 1 }), undefined);
  t.equal(tripping(['echo'], { calls: 100, faults: 60 }), undefined, 'it was no better before');
});

test('a lost worker is blamed on code only in its first calls', async (t) => {
  t.match(losing({ calls: 0, faults: 0 }, 'it crashed'), /first calls: it crashed/);
  t.equal(losing({ calls: 10_001, faults: 0 }, 'it crashed'), undefined);
});

interface Bench {
  readonly probation: Probation;
  /** `good 2`, `doubt 2: why`. */
  readonly verdicts: readonly string[];
  readonly counts: Map<VersionId, VersionCount>;
  /** Tools of the plugin whose circuit is open. */
  readonly broken: string[];
  pass(ms: number): void;
}

/** A probation on a clock of the test's own. */
function open(t: Test): Bench {
  let now = 0;
  mock.timers.enable({ apis: ['setInterval'] });
  const clock = mock.method(performance, 'now', () => now);
  const verdicts: string[] = [];
  const counts = new Map<VersionId, VersionCount>();
  const broken: string[] = [];
  const probation = new Probation({
    host: {
      countsOf: (version) => counts.get(version) ?? { calls: 0, faults: 0 },
      circuitsOf: () => broken.map((tool) => ({ tool, state: 'open', retryInMs: 1000 })),
    },
    onGood: ({ id }) => verdicts.push(`good ${id}`),
    onDoubt: (_, { id }, reason) => verdicts.push(`doubt ${id}: ${reason}`),
  });
  t.teardown(() => {
    probation.close();
    clock.mock.restore();
    mock.timers.reset();
  });
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 100) {
      now += 100;
      mock.timers.tick(100);
    }
  };
  return { probation, verdicts, counts, broken, pass };
}

function versionOf(plugin: string, id: number): Version {
  const kept = { plugin, hash: hashOf(`${plugin} ${id}`), folder: '', entry: '' };
  return new Version({
    id: id as VersionId,
    kept,
    onTransition: () => undefined,
    onListenerError: () => undefined,
  });
}

function serving(plugin: string, version: Version): PluginRecord {
  const record = new PluginRecord(plugin);
  record.serving = version;
  return record;
}

test('whoever comes through ten seconds is good, with and without calls', async (t) => {
  const { probation, verdicts, pass } = open(t);
  const [first, second] = [versionOf('a', 1), versionOf('a', 2)];
  probation.begin(serving('a', second), second, first);
  pass(9_800);
  t.strictSame(verdicts, []);
  pass(400);
  t.strictSame(verdicts, ['good 2']);
  pass(20_000);
  t.strictSame(verdicts, ['good 2'], 'once');
});

test('calls that fail end it at the next look, once', async (t) => {
  const { probation, verdicts, counts, pass } = open(t);
  const [first, second] = [versionOf('a', 1), versionOf('a', 2)];
  counts.set(first.id, { calls: 10, faults: 0 });
  probation.begin(serving('a', second), second, first);
  counts.set(second.id, { calls: 6, faults: 6 });
  pass(200);
  pass(20_000);
  t.strictSame(verdicts, ['doubt 2: 6 of its first 6 calls failed']);
});

test('two plugins have their times for themselves', async (t) => {
  const { probation, verdicts, counts, pass } = open(t);
  const [a, b] = [versionOf('a', 2), versionOf('b', 4)];
  probation.begin(serving('a', a), a, versionOf('a', 1));
  pass(5_000);
  probation.begin(serving('b', b), b, versionOf('b', 3));
  counts.set(b.id, { calls: 6, faults: 6 });
  pass(5_400);
  t.strictSame(verdicts, ['doubt 4: 6 of its first 6 calls failed', 'good 2']);
});

test('nobody asks any more about a version that was replaced', async (t) => {
  const { probation, verdicts, counts, pass } = open(t);
  const [first, second, third] = [versionOf('a', 1), versionOf('a', 2), versionOf('a', 3)];
  const record = serving('a', second);
  probation.begin(record, second, first);
  counts.set(second.id, { calls: 6, faults: 6 });
  record.serving = third;
  probation.begin(record, third, second);
  pass(20_000);
  t.strictSame(verdicts, ['good 3']);
});

test('a version without predecessor is good at once: there is nothing to go back to', async (t) => {
  const { probation, verdicts, pass } = open(t);
  const first = versionOf('a', 1);
  probation.begin(serving('a', first), first, undefined);
  t.strictSame(verdicts, ['good 1']);
  pass(20_000);
  t.strictSame(verdicts, ['good 1'], 'once');
});

test('a lost worker is a doubt about all it had loaded that can go back', async (t) => {
  const { probation, verdicts } = open(t);
  const [a, b, c] = [versionOf('a', 2), versionOf('b', 4), versionOf('c', 5)];
  probation.begin(serving('a', a), a, versionOf('a', 1));
  probation.begin(serving('b', b), b, undefined);
  probation.begin(serving('c', c), c, versionOf('c', 3));
  const plugins = [a, b].map(({ id, kept }) => ({
    name: kept.plugin,
    entry: '',
    config: {},
    outbound: ANYWHERE,
    version: id,
    isJudged: true,
  }));
  probation.workerLost({ deployment: { plugins }, reason: 'it crashed', culprit: 'b' });
  t.strictSame(verdicts, ['good 4'], 'but not where the code of another plugin ran then');
  probation.workerLost({ deployment: { plugins }, reason: 'it crashed', culprit: undefined });
  t.strictSame(verdicts, ['good 4', 'doubt 2: a worker was lost on its first calls: it crashed']);
});
