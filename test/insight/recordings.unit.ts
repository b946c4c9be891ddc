import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { writeHeapSnapshot } from 'node:v8';
import { test } from 'tap';
import { isCpuProfile } from '../../src/cli/insight-shapes.ts';
import { profileThisThread } from '../../src/insight/cpu-profile.ts';
import { largestInHeap } from '../../src/insight/heap-summary.ts';
import { hottest, type ProfileNode } from '../../src/insight/hottest.ts';
import { ownFolder } from '../support/own-folder.ts';

function node(id: number, functionName: string, lineNumber: number, url = 'file:///p/index.ts'): ProfileNode {
  return { id, callFrame: { functionName, url, lineNumber } };
}

test('functions are ranked by their own time, whoever called them', (t) => {
  const nodes = [
    node(1, '(root)', -1, ''),
    node(2, 'slow', 9),
    node(3, '', 0),
    node(4, 'slow', 9),
    node(5, '(idle)', -1, ''),
    node(6, '(garbage collector)', -1, ''),
  ];
  const samples = [2, 3, 4, 5, 6, 2];
  const timeDeltas = [100, 50, 200, 600, 50, -20];
  t.strictSame(hottest({ nodes, startTime: 0, endTime: 1000, samples, timeDeltas }, 3), [
    { name: 'slow', url: 'file:///p/index.ts', line: 10, share: 0.3 },
    { name: '(anonymous)', url: 'file:///p/index.ts', line: 1, share: 0.05 },
    { name: '(garbage collector)', url: '', line: undefined, share: 0.05 },
  ]);
  t.end();
});

test('a profile of a thread that sleeps has no hot function', (t) => {
  const profile = {
    nodes: [node(1, '(root)', -1, '')],
    startTime: 0,
    endTime: 1,
    samples: [],
    timeDeltas: [],
  };
  t.strictSame(hottest(profile, 5), []);
  t.end();
});

test('a thread profiles itself, until it is told to leave off', async (t) => {
  const busy = setInterval(() => {
    const end = performance.now() + 20;
    while (performance.now() < end) Math.sqrt(end);
  }, 21);
  const profile: unknown = JSON.parse(await profileThisThread(200, new AbortController().signal));
  clearInterval(busy);
  if (!isCpuProfile(profile)) return t.fail('not the shape of a .cpuprofile');
  t.equal(profile.samples.length, profile.timeDeltas.length);
  t.ok(profile.samples.length > 10, `${profile.samples.length} samples`);
  t.ok(profile.endTime - profile.startTime >= 190_000, 'in microseconds');
  const leaving = new AbortController();
  const given = profileThisThread(60_000, leaving.signal);
  await wait(1);
  leaving.abort();
  await t.rejects(given, { name: 'AbortError' });
});

class HeldForTheTest {
  readonly a = Math.random();
  readonly b = [this.a];
}

test('the largest in a heap are named by constructor, with their number', async (t) => {
  const held = Array.from({ length: 20_000 }, () => new HeldForTheTest());
  const file = join(ownFolder(t), 'own.heapsnapshot');
  writeHeapSnapshot(file);
  const largest = await largestInHeap(file, 1000);
  const mine = largest.find(({ name }) => name === 'HeldForTheTest');
  t.ok(
    mine !== undefined && mine.objects >= held.length && mine.objects < held.length + 10,
    `${mine?.objects}`,
  );
  t.ok((mine?.bytes ?? 0) >= 16 * held.length);
  t.ok(
    largest.some(({ name }) => name === '(string)'),
    'strings are counted together',
  );
  const shares = largest.reduce((sum, { share }) => sum + share, 0);
  t.ok(shares > 0.9 && shares < 1.0001, `all shares are ${shares}`);
});

test('a file that breaks off, or is something else, is no heap snapshot', async (t) => {
  const head =
    '{"snapshot":{"meta":{"node_fields":["type","name","self_size"],"node_types":[["object"]]}},\n';
  for (const content of ['', 'x', head, `${head}"nodes":[0,0,8,0,1,8]`]) {
    const file = join(ownFolder(t), 'broken.heapsnapshot');
    writeFileSync(file, content);
    await t.rejects(largestInHeap(file, 1), { message: /no heap snapshot/ });
  }
  const whole = join(ownFolder(t), 'whole.heapsnapshot');
  writeFileSync(whole, `${head}"nodes":[0,0,8,\n0,1,24],\n"edges":[],\n"strings":["A","B"]}`);
  t.strictSame(await largestInHeap(whole, 1), [{ name: 'B', objects: 1, bytes: 24, share: 0.75 }]);
});
