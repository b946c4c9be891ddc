import { test } from 'tap';
import { hashOf } from '../../src/registry/content.ts';
import type { Outcome } from '../../src/registry/intake.ts';
import type { Pass } from '../../src/registry/scan.ts';
import { Settling } from '../../src/registry/settling.ts';

const SETTLE_MS = 50;
const PATIENCE_MS = 2000;

const kept = (name: string, text = 'x'): Outcome => ({
  state: 'kept',
  name,
  version: { plugin: name, hash: hashOf(text), folder: '/', entry: `/${text}` },
});
const failed = (name: string, reason: string): Outcome => ({
  state: 'failed',
  name,
  failure: { name, reason, stack: undefined },
});
const unsettled = (name: string): Outcome => ({ state: 'unsettled', name, reason: 'it is being written' });

/** What the folder holds, each under its own name. */
const pass = (...outcomes: Outcome[]): Pass => ({
  state: 'folder',
  real: '/',
  identity: '',
  outcomes: new Map(outcomes.map((outcome) => [outcome.name, outcome])),
});

/** Judges passes that take a millisecond; shows `name: text` of versions, `name! reason` of failures, `name…`. */
function judge(): (at: number, what: Pass) => string {
  const settling = new Settling(SETTLE_MS, PATIENCE_MS);
  return (at, what) => {
    const { view } = settling.judge(what, at, at + 1);
    if (view === undefined) return 'wait';
    if (view.state === 'no-folder') return view.reason;
    return [
      ...[...view.versions.values()].map(({ plugin, entry }) => `${plugin}:${entry.slice(1)}`),
      ...view.failures.map(({ name, reason }) => `${name}! ${reason}`),
      ...[...view.waiting.keys()].map((name) => `${name}…`),
    ].join(', ');
  };
}

test('a version counts at once', async (t) => {
  const at = judge();
  t.equal(at(0, pass(kept('b'), kept('a'))), 'a:x, b:x');
  t.equal(at(1, pass(kept('a', 'y'), kept('b'))), 'a:y, b:x');
});

test('a plugin is gone when two passes far enough apart have missed it', async (t) => {
  const at = judge();
  at(0, pass(kept('a'), kept('b')));
  t.equal(at(100, pass(kept('a'))), 'wait');
  t.equal(at(150, pass(kept('a'))), 'wait', 'the first pass ended at 101');
  t.equal(at(151, pass(kept('a'))), 'a:x');
});

test('a plugin that is missing for a moment only has never been gone', async (t) => {
  const at = judge();
  at(0, pass(kept('a')));
  t.equal(at(100, pass()), 'wait');
  t.equal(at(125, pass(kept('a'))), 'a:x');
  t.equal(at(150, pass()), 'wait');
  t.equal(at(175, pass()), 'wait', 'what was heard before the return does not count');
});

test('a failure counts when it is still the same', async (t) => {
  const at = judge();
  at(0, pass(kept('a')));
  t.equal(at(100, pass(failed('a', 'ENOENT'))), 'wait');
  t.equal(at(160, pass(failed('a', 'EACCES'))), 'wait', 'another failure');
  t.equal(at(220, pass(failed('a', 'EACCES'))), 'a! EACCES');
  t.equal(at(221, pass(failed('a', 'EACCES'))), 'a! EACCES');
});

test('all wait for what is unsettled, but not for ever', async (t) => {
  const at = judge();
  at(0, pass(kept('a'), kept('b')));
  t.equal(at(100, pass(unsettled('a'), kept('b', 'y'), unsettled('new'))), 'wait');
  t.equal(at(2100, pass(unsettled('a'), kept('b', 'y'), unsettled('new'))), 'a:x, b:y, a…, new…');
  t.equal(at(2101, pass(unsettled('a'), kept('b', 'z'), unsettled('new'))), 'a:x, b:z, a…, new…');
  t.equal(at(2102, pass(unsettled('a'), unsettled('b'), unsettled('new'))), 'wait', 'b has its own patience');
  t.equal(at(2103, pass(kept('a', 'y'), kept('b'), kept('new'))), 'a:y, b:x, new:x');
});

test('what takes long is told once, and how soon to look again depends on it', async (t) => {
  const settling = new Settling(SETTLE_MS, PATIENCE_MS);
  const slow = (at: number, one: Outcome): unknown => {
    const { pace, newlySlow } = settling.judge(pass(one), at, at + 1);
    return [pace, ...newlySlow];
  };
  t.strictSame(slow(0, unsettled('a')), ['busy']);
  t.strictSame(slow(2000, unsettled('a')), ['slow', ['a', 'it is being written']]);
  t.strictSame(slow(4000, unsettled('a')), ['slow']);
  t.strictSame(slow(5000, kept('a')), ['calm']);
  t.strictSame(slow(6000, unsettled('a')), ['busy']);
  t.strictSame(slow(8000, unsettled('a')), ['slow', ['a', 'it is being written']]);
});

test('a missing folder is told when it stays missing, and no plugin is gone by it', async (t) => {
  const at = judge();
  const missing: Pass = { state: 'no-folder', reason: 'ENOENT' };
  at(0, pass(kept('a')));
  t.equal(at(100, missing), 'wait');
  t.equal(at(110, pass(kept('a'))), 'a:x');
  t.equal(at(120, missing), 'wait');
  t.equal(at(180, missing), 'ENOENT');
  t.equal(at(200, pass()), 'wait');
  t.equal(at(300, pass(kept('a'))), 'a:x');
});

test('two files that claim one name are a version and a failure', async (t) => {
  const at = judge();
  const twice: Pass = {
    state: 'folder',
    real: '/',
    identity: '',
    outcomes: new Map([
      ['a', kept('a')],
      ['a.ts', failed('a', 'two plugins')],
    ]),
  };
  at(0, twice);
  t.equal(at(100, twice), 'a:x, a! two plugins');
});
