import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { isContentHash } from '../../src/registry/content.ts';
import { checkCopy } from '../../src/registry/version-copy.ts';
import { VersionStore } from '../../src/registry/version-store.ts';
import { ownFolder } from '../support/own-folder.ts';
import { plainNode } from '../support/plain-node.ts';
import { contentWith, UNKNOWN_HASH } from './contents.ts';

const KEEP_FOR_EVER = fileURLToPath(new URL('keep-for-ever.ts', import.meta.url));

test('a kept version is a folder of the same files, and there is nothing else', async (t) => {
  const folder = ownFolder(t, {});
  const store = await VersionStore.open(join(folder, 'deep/versions'));
  const content = await contentWith('a');
  const version = await store.keep(content);
  t.strictSame(version, {
    plugin: 'p',
    hash: content.hash,
    folder: join(folder, 'deep/versions/p', content.hash),
    entry: join(folder, 'deep/versions/p', content.hash, 'index.ts'),
  });
  t.equal(await readFile(version.entry, 'utf8'), 'a');
  t.equal(await readFile(join(version.folder, 'lib/helper.ts'), 'utf8'), 'of a');
  t.equal((await stat(version.entry)).mode & 0o222, 0, 'nobody writes to it');
  t.strictSame(
    (await readdir(join(folder, 'deep/versions/p'))).toSorted(),
    [content.hash, 'state.json'].toSorted(),
  );
});

test('versions are listed newest first, and one that comes back is the newest again', async (t) => {
  const folder = ownFolder(t, {});
  const store = await VersionStore.open(folder);
  const [a, b] = [await store.keep(await contentWith('a')), await store.keep(await contentWith('b'))];
  await store.markGood('p', a.hash);
  const listed = async (): Promise<unknown> =>
    (await store.history('p')).versions.map(({ hash, isGood }) => [hash, isGood]);
  t.strictSame(await listed(), [
    [b.hash, false],
    [a.hash, true],
  ]);
  await store.keep(await contentWith('a'));
  t.strictSame(await listed(), [
    [a.hash, true],
    [b.hash, false],
  ]);
  const [newest] = (await store.history('p')).versions;
  t.ok(Math.abs(Date.now() - Date.parse(newest?.keptAt ?? '')) < 60_000, 'with the time');
});

test('the last good and the pinned version are remembered by the next life of the server', async (t) => {
  const folder = ownFolder(t, {});
  const store = await VersionStore.open(folder);
  const [a, b] = [await store.keep(await contentWith('a')), await store.keep(await contentWith('b'))];
  t.match(await store.history('p'), { lastGood: undefined, pin: undefined });
  await store.markGood('p', a.hash);
  await store.pin('p', a.hash, b.hash);
  const next = await VersionStore.open(folder);
  t.match(await next.history('p'), { lastGood: a.hash, pin: { pinned: a.hash, againstFolderHash: b.hash } });
  await next.unpin('p');
  t.match(await next.history('p'), { lastGood: a.hash, pin: undefined });
});

test('who waits for the store to settle finds on disk what was asked for, beside what failed', async (t) => {
  const folder = ownFolder(t, {});
  const store = await VersionStore.open(folder);
  const { hash } = await store.keep(await contentWith('a'));
  const refused = t.rejects(store.markGood('p', UNKNOWN_HASH), { code: 'UNKNOWN_VERSION' });
  void store.markGood('p', hash);
  const failing = t.rejects(store.find('p', UNKNOWN_HASH), { code: 'UNKNOWN_VERSION' });
  await store.settled();
  t.match(JSON.parse(await readFile(join(folder, 'p/state.json'), 'utf8')), { lastGood: hash });
  await Promise.all([refused, failing]);
});

test('a version is found by the beginning of its hash', async (t) => {
  const store = await VersionStore.open(ownFolder(t, {}));
  const { hash } = await store.keep(await contentWith('a'));
  t.match(await store.find('p', hash.slice(0, 6)), { hash });
  t.match(await store.find('p', hash.toUpperCase()), { hash });
  await t.rejects(store.find('p', hash.slice(0, 5)), { code: 'SHORT_PREFIX' });
  await t.rejects(store.find('p', UNKNOWN_HASH), { code: 'UNKNOWN_VERSION' });
  await t.rejects(store.find('other', hash), { code: 'UNKNOWN_VERSION' });
  await t.rejects(store.find('../p', hash), { code: 'UNKNOWN_VERSION' });
  await t.rejects(store.markGood('p', UNKNOWN_HASH), { code: 'UNKNOWN_VERSION' });
  await t.rejects(store.pin('p', UNKNOWN_HASH, hash), { code: 'UNKNOWN_VERSION' });
});

test('a beginning that several versions share is refused', async (t) => {
  const one = `abcdef${'0'.repeat(58)}`;
  const folder = ownFolder(t, { p: { [one]: {}, [`abcdef${'1'.repeat(58)}`]: {} } });
  const store = await VersionStore.open(folder);
  await t.rejects(store.find('p', 'abcdef'), { code: 'AMBIGUOUS_VERSION', message: /give more digits/ });
  await t.rejects(store.find('p', one), { code: 'DAMAGED_VERSION' }, 'and an empty folder is no version');
});

test('a damaged copy is noticed and made anew', async (t) => {
  const store = await VersionStore.open(ownFolder(t, {}));
  const content = await contentWith('a');
  const { entry, folder, hash } = await store.keep(content);
  const damages = [
    () => writeFile(entry, 'b'),
    () => rm(entry),
    () => rm(join(folder, '.hotlane-version.json')),
    () => rm(join(folder, 'lib'), { recursive: true }),
  ];
  for (const damage of damages) {
    await rm(entry, { force: true });
    await writeFile(entry, 'a');
    t.match(await store.find('p', hash), { entry }, 'whole');
    await damage();
    await t.rejects(store.find('p', hash), { code: 'DAMAGED_VERSION' });
    await store.keep(content);
    t.match(await store.find('p', hash), { entry }, 'repaired');
  }
});

test('what a plugin writes beside its code does no damage', async (t) => {
  const store = await VersionStore.open(ownFolder(t, {}));
  const content = await contentWith('a');
  const { folder, hash } = await store.keep(content);
  await writeFile(join(folder, 'cache.json'), '{}');
  await store.keep(content);
  t.match(await store.find('p', hash), { folder });
  t.equal(await readFile(join(folder, 'cache.json'), 'utf8'), '{}');
});

test('the newest ten stay, and the last good one, the pinned one and those in use', async (t) => {
  const store = await VersionStore.open(ownFolder(t, {}));
  const hashes = [];
  for (let n = 0; n < 16; n++) hashes.push((await store.keep(await contentWith(`${n}`))).hash);
  const [good, pinned, used, ...rest] = hashes;
  if (good === undefined || pinned === undefined || used === undefined) throw new Error('there are sixteen');
  await store.markGood('p', good);
  await store.pin('p', pinned, used);
  t.strictSame(new Set(await store.prune('p', new Set([used]))), new Set(rest.slice(0, 3)));
  const left = [...rest.slice(3).toReversed(), used, pinned, good];
  t.strictSame(
    (await store.history('p')).versions.map(({ hash }) => hash),
    left,
  );
  for (const hash of left) t.match(await store.find('p', hash), { hash });
  t.strictSame(await store.prune('p', new Set([used])), []);
});

test('a lost or broken state file costs the marks, not the versions', async (t) => {
  const folder = ownFolder(t, {});
  const store = await VersionStore.open(folder);
  const { hash } = await store.keep(await contentWith('a'));
  for (const text of ['', '[', 'null', '{"versions":[{"hash":"x"},7],"lastGood":7,"pin":{}}']) {
    await writeFile(join(folder, 'p/state.json'), text);
    t.match(await store.history('p'), { versions: [{ hash, isGood: false }], lastGood: undefined });
  }
});

test('two stores in one folder use each other’s copies', async (t) => {
  const folder = ownFolder(t, {});
  const stores = await Promise.all([1, 2, 3].map(() => VersionStore.open(folder)));
  for (let n = 0; n < 10; n++) {
    const content = await contentWith(`${n}`);
    const versions = await Promise.all(stores.map((store) => store.keep(content)));
    t.equal(new Set(versions.map(({ entry }) => entry)).size, 1);
    t.ok(await checkCopy(join(folder, 'p', content.hash), content.hash));
  }
  t.strictSame(
    (await readdir(join(folder, 'p'))).filter((file) => file.startsWith('.')),
    [],
  );
});

test('a process killed in the middle of keeping leaves only whole versions', async (t) => {
  const folder = ownFolder(t, {});
  for (let n = 0; n < 12; n++) {
    const child = spawn(...plainNode(KEEP_FOR_EVER, folder), { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    // Every other time it has kept one before.
    if (n % 2 === 1) await once(child.stdout, 'data');
    // Every time somewhere else in a round of some milliseconds.
    await setTimeout(n * 3);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await VersionStore.open(folder);
    const files = await readdir(join(folder, 'p')).catch(() => []);
    t.strictSame(
      files.filter((file) => file.startsWith('.')),
      [],
      'what it left is taken away',
    );
    for (const file of files) if (isContentHash(file)) t.ok(await checkCopy(join(folder, 'p', file), file));
    await store.keep(await contentWith('after'));
  }
  const store = await VersionStore.open(folder);
  t.ok((await store.history('p')).versions.length > 1, 'some were kept');
});

test('what a living process is making is left alone', async (t) => {
  const folder = ownFolder(t, {});
  const child = spawn(...plainNode(KEEP_FOR_EVER, folder), { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  for (let n = 0; n < 30; n++) {
    const store = await VersionStore.open(folder);
    await store.keep(await contentWith(`${n}`));
  }
  t.equal(child.exitCode, null, 'it is still keeping');
  child.kill('SIGKILL');
  await exit;
});
