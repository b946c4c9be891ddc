import { chmod, open, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { test } from 'tap';
import { until } from '../support/calls.ts';
import { ownFolder } from '../support/own-folder.ts';
import { AT_ONCE, intakeFor, takeIn, textsOf } from './take-in.ts';

const MODULE = '{"type":"module"}\n';

test('a plugin is its files; tests, hidden files, backups and node_modules are left out', async (t) => {
  const folder = ownFolder(t, {
    p: {
      'index.ts': 'entry',
      'index.test.ts': '',
      'index.ts~': '',
      '.env': '',
      lib: { 'helper.ts': 'helper', 'helper.test.js': '' },
      node_modules: { x: { 'index.js': '' } },
      'data.bin': 'data',
      'package.json': '{}',
    },
  });
  const { outcome, content } = await takeIn(join(folder, 'p'));
  t.match(outcome, { state: 'kept', version: { hash: /^[0-9a-f]{64}$/ } });
  t.strictSame(Object.entries(textsOf(content)), [
    ['data.bin', 'data'],
    ['index.ts', 'entry'],
    ['lib/helper.ts', 'helper'],
    ['package.json', '{}'],
  ]);
  t.equal(content?.entry, 'index.ts');
});

test('a plugin that is one file is that file', async (t) => {
  const folder = ownFolder(t, {
    'p.mts': 'entry',
    'other.ts': '',
    'package.json': '{"type":"module","name":"x"}',
  });
  const { content } = await takeIn(join(folder, 'p.mts'));
  t.strictSame(textsOf(content), { 'p.mts': 'entry', 'package.json': MODULE });
  t.equal(content?.entry, 'p.mts');
});

test('a plugin without a package.json gets the type of the nearest one above it', async (t) => {
  const folder = ownFolder(t, {
    cjs: { p: { 'index.js': 'x' }, 'package.json': '{"type":"commonjs"}' },
    esm: { p: { 'index.js': 'x' }, 'package.json': '{"name":"x","type":"module"}' },
    none: { p: { 'index.js': 'x' }, 'package.json': '{}' },
  });
  const hashes = new Set<string | undefined>();
  for (const [where, text] of [
    ['cjs', '{"type":"commonjs"}\n'],
    ['esm', MODULE],
    ['none', '{}\n'],
  ]) {
    const { content } = await takeIn(join(folder, `${where}/p`));
    t.strictSame(textsOf(content), { 'index.js': 'x', 'package.json': text });
    hashes.add(content?.hash);
  }
  t.equal(hashes.size, 3, 'the same files read in another way are another version');
});

test('a changed type above the plugin is a change of the plugin', async (t) => {
  const folder = ownFolder(t, { p: { 'index.js': 'x' }, 'package.json': '{"type":"module"}' });
  const { intake, kept } = intakeFor(join(folder, 'p'));
  await until('it is kept', async () => (await intake.take(false)).state === 'kept');
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}');
  await until('it is kept again', async () => (await intake.take(false)).state === 'kept' && kept.length > 1);
  t.match(textsOf(kept.at(-1)), { 'package.json': '{"type":"commonjs"}\n' });
});

test('the hash is of names and bytes, not of times and places', async (t) => {
  const folder = ownFolder(t, {
    p: { 'index.ts': 'ab', 'a.ts': 'c' },
    same: { 'index.ts': 'ab', 'a.ts': 'c' },
    moved: { 'index.ts': 'a', 'a.ts': 'bc' },
    renamed: { 'index.ts': 'ab', 'b.ts': 'c' },
    quoted: { 'index.ts': 'ab', 'a.ts","x': 'c' },
  });
  const hashOf = async (name: string): Promise<string | undefined> =>
    (await takeIn(join(folder, name))).content?.hash;
  const hash = await hashOf('p');
  t.equal(await hashOf('same'), hash);
  await utimes(join(folder, 'p/index.ts'), 1, 1);
  t.equal(await hashOf('p'), hash);
  const others = await Promise.all(['moved', 'renamed', 'quoted'].map(hashOf));
  t.equal(new Set([hash, ...others]).size, 4);
});

test('a program among the files stays one', { skip: process.platform === 'win32' }, async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': 'x', tool: '#!/bin/sh' } });
  const { content: before } = await takeIn(join(folder, 'p'));
  await chmod(join(folder, 'p/tool'), 0o755);
  const { content } = await takeIn(join(folder, 'p'));
  t.match(
    content?.files.find(({ path }) => path === 'tool'),
    { isExecutable: true },
  );
  t.not(content?.hash, before?.hash);
});

test('links are followed, for files, folders and the plugin itself', async (t) => {
  const folder = ownFolder(t, {
    real: {
      '..2026': { 'index.ts': 'entry', lib: { 'helper.ts': 'helper' } },
      '..data': t.fixture('symlink', '..2026'),
      'index.ts': t.fixture('symlink', '..data/index.ts'),
      lib: t.fixture('symlink', '..data/lib'),
    },
    p: t.fixture('symlink', 'real'),
  });
  const { content } = await takeIn(join(folder, 'p'));
  t.match(textsOf(content), { 'index.ts': 'entry', 'lib/helper.ts': 'helper' });
  t.equal(content?.files.length, 3);
});

test('what cannot be read is named', async (t) => {
  const folder = ownFolder(t, {
    broken: { 'index.ts': 'x', lib: { 'helper.ts': t.fixture('symlink', 'nowhere') } },
    loop: { 'index.ts': 'x', lib: { again: t.fixture('symlink', '..') } },
    empty: { 'README.md': 'x' },
    typo: { p: { 'index.ts': 'x' }, 'package.json': '{' },
  });
  for (const [name, reason] of [
    ['broken', /^lib\/helper\.ts cannot be read: ENOENT/],
    ['loop', /^lib\/again is a link to a folder that it lies in$/],
    ['empty', /no index\.ts, index\.mts, index\.js, index\.mjs$/],
    ['typo/p', /^the package\.json above the plugin cannot be read: /],
  ] as const) {
    t.match((await takeIn(join(folder, name))).outcome, { state: 'failed', failure: { reason } });
  }
});

test('a file that may not be read is named', {
  skip: process.getuid?.() === 0 ? 'root may read every file' : false,
}, async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': 'x', 'secret.ts': '' } });
  await chmod(join(folder, 'p/secret.ts'), 0);
  t.match((await takeIn(join(folder, 'p'))).outcome, {
    state: 'failed',
    failure: { reason: /^secret\.ts cannot be read: EACCES/ },
  });
});

test('a plugin that is too large is refused before it is read', async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': 'x', 'data.bin': '' } });
  // A hole takes no space on the disk.
  await truncate(join(folder, 'p/data.bin'), 64 * 1024 * 1024);
  t.match((await takeIn(join(folder, 'p'))).outcome, {
    state: 'failed',
    failure: { reason: /larger than 64 MiB together; move data elsewhere/ },
  });
});

test('a plugin of too many files is refused', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${n}.ts`, '']));
  const folder = ownFolder(t, { many: files, p: { 'index.ts': 'x' } });
  for (let n = 0; n < 100; n++) await symlink('../many', join(folder, `p/${n}`));
  t.match((await takeIn(join(folder, 'p'))).outcome, {
    state: 'failed',
    failure: { reason: /more than 10000 files/ },
  });
});

test('a plugin that changed a moment ago is unsettled, one that changed before is not', async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': 'x' } });
  const { intake, kept } = intakeFor(join(folder, 'p'), 60_000);
  t.match(await intake.take(false), { state: 'unsettled', reason: /changed a moment ago/ });
  t.strictSame(kept, []);
  t.match(await intakeFor(join(folder, 'p'), AT_ONCE).intake.take(false), { state: 'kept' });
});

test('a file dated in the future is read when it has been seen unchanged for long enough', async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': 'x' } });
  const future = Date.now() / 1000 + 1e6;
  await utimes(join(folder, 'p/index.ts'), future, future);
  const { intake } = intakeFor(join(folder, 'p'), 100);
  const begun = performance.now();
  t.match(await intake.take(false), { state: 'unsettled' });
  await until('it is read', async () => (await intake.take(false)).state === 'kept');
  t.ok(performance.now() - begun >= 100);
});

test('an empty entry is somebody about to write it', async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': '' } });
  const { intake, kept } = intakeFor(join(folder, 'p'), AT_ONCE);
  t.match(await intake.take(false), { state: 'unsettled', reason: 'index.ts is empty' });
  await writeFile(join(folder, 'p/index.ts'), 'x');
  t.match(await intake.take(false), { state: 'kept' });
  t.match(textsOf(kept[0]), { 'index.ts': 'x' });
});

test('a file open for writing is being written, one open for reading is not', {
  skip: process.platform === 'linux' ? false : 'only Linux tells',
}, async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': 'x', 'helper.ts': 'y' } });
  const { intake } = intakeFor(join(folder, 'p'), AT_ONCE);
  const writer = await open(join(folder, 'p/helper.ts'), 'r+');
  const reader = await open(join(folder, 'p/index.ts'), 'r');
  t.match(await intake.take(false), { state: 'unsettled', reason: /helper\.ts is open for writing$/ });
  await writer.close();
  t.match(await intake.take(false), { state: 'kept' });
  await reader.close();
});

test('an unchanged plugin is not read again unless that is forced', async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': 'x' } });
  const { intake, kept } = intakeFor(join(folder, 'p'), AT_ONCE);
  for (let n = 0; n < 5; n++) t.match(await intake.take(false), { state: 'kept' });
  t.equal(kept.length, 1);
  await intake.take(true);
  t.equal(kept.length, 2);
});

test('a change of the same size is seen, also of a file that was replaced by a renamed one', async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': 'a' }, next: 'c' });
  const { intake, kept } = intakeFor(join(folder, 'p'), AT_ONCE);
  await intake.take(false);
  await writeFile(join(folder, 'p/index.ts'), 'b');
  await intake.take(false);
  await rename(join(folder, 'next'), join(folder, 'p/index.ts'));
  await intake.take(false);
  t.strictSame(
    kept.map((content) => textsOf(content)['index.ts']),
    ['a', 'b', 'c'],
  );
  await rm(join(folder, 'p/index.ts'));
  t.match(await intake.take(false), { state: 'failed' });
});

test('what is read while all files are exchanged is of one generation, or unsettled', async (t) => {
  const files = Array.from({ length: 20 }, (_, n) => `f${n}.ts`);
  const all = (text: string): Record<string, string> =>
    Object.fromEntries(['index.ts', ...files].map((file) => [file, text]));
  const folder = ownFolder(t, { p: all('a'), next: all('b') });
  const { intake, kept } = intakeFor(join(folder, 'p'), AT_ONCE);
  const over = new AbortController();
  const exchanging = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      await rename(join(folder, 'p'), join(folder, 'previous'));
      await rename(join(folder, 'next'), join(folder, 'p'));
      await rename(join(folder, 'previous'), join(folder, 'next'));
      // Now and then there is time enough to read all.
      await setTimeout(Math.random() * 50);
    }
  })();
  const states = new Set<string>();
  for (let n = 0; n < 2000 && (n < 200 || !states.has('kept') || !states.has('unsettled')); n++) {
    states.add((await intake.take(true)).state);
    await setImmediate();
  }
  over.abort();
  await exchanging;
  t.ok(states.has('unsettled') && states.has('kept'), 'some readings were disturbed and some were not');
  for (const content of kept) {
    const { 'package.json': _, ...texts } = textsOf(content);
    t.equal(new Set(Object.values(texts)).size, 1, JSON.stringify(texts));
  }
});

test('what was read soon after a change is read once more, in case times are coarse', async (t) => {
  const folder = ownFolder(t, { p: { 'index.ts': 'x' } });
  const { intake, kept } = intakeFor(join(folder, 'p'), AT_ONCE);
  const begun = performance.now();
  await until('it is read once more', async () => {
    await intake.take(false);
    return kept.length > 1;
  });
  t.ok(performance.now() - begun > 1900);
  for (let n = 0; n < 5; n++) await intake.take(false);
  t.equal(kept.length, 2);
});
