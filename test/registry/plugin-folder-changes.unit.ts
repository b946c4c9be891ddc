import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { LOCK_FILE } from '../../src/registry/write-lock.ts';
import { until } from '../support/calls.ts';
import { scanFolder, writeFiles } from './scanned-folder.ts';

const RESCAN = { rescanMs: 200 };

test('a folder replaced by another of the same name is seen, and so is what is saved in it', async (t) => {
  const { folder, outside, shown, untilShown, write } = await scanFolder(
    t,
    { 'p.ts': 'old', 'q.ts': 'old' },
    RESCAN,
  );
  await writeFiles(join(outside, 'next'), { 'p.ts': 'new', 'r.ts': 'new' });
  await rename(folder, join(outside, 'before'));
  await rename(join(outside, 'next'), folder);
  await untilShown({ p: 'new', r: 'new' });
  await write({ 'p.ts': 'newer' });
  await untilShown({ p: 'newer', r: 'new' });
  t.strictSame(shown, [
    { p: 'old', q: 'old' },
    { p: 'new', r: 'new' },
    { p: 'newer', r: 'new' },
  ]);
});

test('a folder made anew is watched like the one before', async (t) => {
  // Only a hint can tell of the last change in time.
  const { folder, hints, scanner, untilShown, write } = await scanFolder(
    t,
    { 'p.ts': 'old' },
    { rescanMs: 60_000 },
  );
  await rm(folder, { recursive: true });
  await mkdir(folder);
  await write({ 'p.ts': 'new' });
  await scanner.rescan();
  await untilShown({ p: 'new' });
  const before = hints();
  let n = 0;
  await until('a change makes a hint', async () => {
    await write({ 'p.ts': `newer ${++n}` });
    return hints() > before;
  });
  await untilShown({ p: `newer ${n}` });
});

test('a link that is repointed is seen, and the new place is watched', async (t) => {
  const { outside, shown, untilShown } = await scanFolder(t, { 'p.ts': 'old' }, RESCAN);
  const link = join(outside, 'current');
  await symlink('plugins', link);
  const linked = await scanFolder(t, {}, { ...RESCAN, folder: link });
  await writeFiles(join(outside, 'release-2'), { 'p.ts': 'new' });
  await symlink('release-2', join(outside, 'current.new'));
  await rename(join(outside, 'current.new'), link);
  await linked.untilShown({ p: 'new' });
  await writeFiles(join(outside, 'release-2'), { 'p.ts': 'newer' });
  await linked.untilShown({ p: 'newer' });
  t.strictSame(linked.shown, [{ p: 'old' }, { p: 'new' }, { p: 'newer' }]);
  await untilShown({ p: 'old' });
  t.equal(shown.length, 1, 'whoever looks at the old place sees no change');
});

test('a missing folder is not a folder without plugins', async (t) => {
  const { folder, outside, shown, untilShown } = await scanFolder(t, { 'p.ts': 'p' }, RESCAN);
  await rename(folder, join(outside, 'away'));
  await until('it is told', () => shown.length > 1);
  t.match(shown.at(-1), /^ENOENT/);
  await rename(join(outside, 'away'), folder);
  await untilShown({ p: 'p' });
  t.equal(shown.length, 3);
});

test('a Kubernetes volume changes all its files at once: two generations are never mixed', async (t) => {
  const { folder, shown, untilShown, views } = await scanFolder(t, { 'other.ts': 'x' }, RESCAN);
  const plugin = join(folder, 'p');
  const generation = async (n: number): Promise<void> => {
    const name = `..2026_${n}`;
    await writeFiles(join(plugin, name), { 'index.ts': `${n}`, 'a.ts': `${n}`, 'lib/b.ts': `${n}` });
    await symlink(name, join(plugin, '..data_tmp'));
    await rename(join(plugin, '..data_tmp'), join(plugin, '..data'));
    if (n > 1) await rm(join(plugin, `..2026_${n - 2}`), { recursive: true });
  };
  await generation(0);
  for (const file of ['index.ts', 'a.ts', 'lib']) await symlink(`..data/${file}`, join(plugin, file));
  const last = 60;
  for (let n = 1; n <= last; n++) {
    await generation(n);
    // Now and then a generation lasts long enough to be shown.
    if (n % 15 === 0) await untilShown({ other: 'x', p: `${n}` });
  }
  t.ok(shown.length >= last / 15 + 1);
  for (const view of views) {
    if (view.state === 'no-folder') throw new Error(view.reason);
    t.strictSame(view.failures, []);
    const copy = view.versions.get('p');
    if (copy === undefined) continue;
    const texts = ['index.ts', 'a.ts', 'lib/b.ts'].map((file) =>
      readFileSync(join(copy.folder, file), 'utf8'),
    );
    t.equal(new Set(texts).size, 1, texts.join(', '));
  }
});

test('what has a lock file is not picked up before the lock is gone, and then at once', async (t) => {
  const { folder, scanner, shown, untilShown, write } = await scanFolder(
    t,
    { 'p/index.ts': 'old', 'q/index.ts': 'old' },
    { ...RESCAN, patienceMs: 100 },
  );
  for (const [where, waiting] of [
    ['', ['p', 'q']],
    ['p', ['p']],
  ] as const) {
    const lock = join(folder, where, LOCK_FILE);
    await writeFile(lock, '');
    await write({ 'p/index.ts': `new, locked by "${where}"`, 'p/lib/helper.ts': '' });
    const before = shown.length;
    const view = await scanner.rescan();
    t.strictSame(view.state === 'folder' && [...view.waiting.keys()].toSorted(), waiting);
    t.equal(shown.length, before);
    await unlink(lock);
    await untilShown({ p: `new, locked by "${where}"`, q: 'old' });
  }
});

test('a plugin removed under a lock is gone when the lock is', async (t) => {
  const { folder, scanner, shown, untilShown } = await scanFolder(
    t,
    { 'p.ts': 'p', 'q.ts': 'q' },
    { ...RESCAN, patienceMs: 100 },
  );
  await writeFile(join(folder, LOCK_FILE), '');
  await rm(join(folder, 'p.ts'));
  await scanner.rescan();
  t.strictSame(shown, [{ p: 'p', q: 'q' }]);
  await unlink(join(folder, LOCK_FILE));
  await untilShown({ q: 'q' });
  t.equal(shown.length, 2);
});

test('a lock left behind is ignored, and that is told once', async (t) => {
  const { folder, scanner, untilShown, warnings, write } = await scanFolder(
    t,
    { 'p/index.ts': 'old' },
    RESCAN,
  );
  const lock = join(folder, 'p', LOCK_FILE);
  await writeFile(lock, '');
  const longAgo = Date.now() / 1000 - 61;
  await utimes(lock, longAgo, longAgo);
  await write({ 'p/index.ts': 'new' });
  await untilShown({ p: 'new' });
  for (let n = 0; n < 3; n++) await scanner.rescan();
  t.match(warnings, [{ message: /lock file is older/, fields: { path: lock } }]);
  t.equal(warnings.length, 1);
});

test('what cannot be a plugin is reported beside those that are, by both files of one name', async (t) => {
  const { folder, views, untilShown } = await scanFolder(
    t,
    { 'p/index.ts': 'p', 'p.mts': 'also p', 'Bad.ts': '', 'empty/README.md': '', 'notes.txt': '' },
    RESCAN,
  );
  const failures = (): unknown =>
    views.map((view) => view.state === 'folder' && view.failures.map(({ name }) => name));
  t.strictSame(failures(), [['Bad', 'empty', 'p']]);
  await rm(join(folder, 'p'), { recursive: true });
  await untilShown({ p: 'also p' });
  t.strictSame(failures(), [
    ['Bad', 'empty', 'p'],
    ['Bad', 'empty'],
  ]);
});

test('a version that cannot be kept is a failure, and is tried again', async (t) => {
  let isFull = true;
  const { scanner, views } = await scanFolder(
    t,
    { 'p.ts': 'p' },
    {
      ...RESCAN,
      keep: async ({ name, hash }) => {
        if (isFull) throw new Error('no room');
        return { plugin: name, hash, folder: '/', entry: import.meta.filename };
      },
    },
  );
  t.match(views, [{ versions: new Map(), failures: [{ name: 'p', reason: 'no room' }] }]);
  isFull = false;
  t.match(await scanner.rescan(), { failures: [] });
});

test('a closed scanner answers nobody', async (t) => {
  const { scanner } = await scanFolder(t, { 'p.ts': 'p' });
  const asked = scanner.rescan();
  const refused = t.rejects(asked, /closed/);
  await scanner.close();
  await refused;
  await t.rejects(scanner.rescan(), /closed/);
});
