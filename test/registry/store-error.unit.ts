import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { asStoreError } from '../../src/registry/store-error.ts';
import { VersionStore } from '../../src/registry/version-store.ts';
import { ownFolder } from '../support/own-folder.ts';
import { contentWith } from './contents.ts';

const KEEP_FOR_EVER = fileURLToPath(new URL('keep-for-ever.ts', import.meta.url));

test('without room for a version nothing of it stays, and the error says what to do', {
  skip: process.platform === 'win32' ? 'no ulimit' : false,
}, async (t) => {
  const folder = ownFolder(t, {});
  // 16 blocks of 512 or 1024 bytes: the entry of 100 000 bytes is cut off in the middle. A signal would end the process
  // there, so it is ignored, and the test runner may not load into the process what listens for signals.
  const script = `trap '' XFSZ && unset NODE_OPTIONS && ulimit -f 16 && exec "$0" "$@"`;
  const { stderr, status } = spawnSync('sh', ['-c', script, process.execPath, KEEP_FOR_EVER, folder], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  t.equal(status, 1);
  t.match(stderr, /StoreError: There is no room for another version; free disk space/);
  t.match(stderr, /NO_SPACE/);
  t.strictSame(await readdir(join(folder, 'p')), []);
  const store = await VersionStore.open(folder);
  t.match(await store.keep(await contentWith('a')), { plugin: 'p' }, 'with room again it works');
});

test('a folder that may not be written is an error that says so', {
  skip: process.getuid?.() === 0 ? 'root may write everywhere' : false,
}, async (t) => {
  const folder = ownFolder(t, { versions: {} });
  const store = await VersionStore.open(join(folder, 'versions'));
  await chmod(join(folder, 'versions'), 0o555);
  await t.rejects(store.keep(await contentWith('a')), { code: 'NO_PERMISSION', message: /give the user/ });
  await chmod(join(folder, 'versions'), 0o755);
});

test('a file where the folder should be is an error that names it', async (t) => {
  const folder = ownFolder(t, { versions: 'a file', fine: { p: 'a file' } });
  await t.rejects(VersionStore.open(join(folder, 'versions')), { code: 'FAULTY', message: /versions/ });
  const store = await VersionStore.open(join(folder, 'fine'));
  await t.rejects(store.keep(await contentWith('a')), { code: 'FAULTY' });
  await mkdir(join(folder, 'fine/q'));
  t.match(await store.keep(await contentWith('a', 'q')), { plugin: 'q' }, 'another plugin is not concerned');
});

test('errors of the file system are told apart by what helps against them', async (t) => {
  const codes = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO'];
  t.strictSame(
    codes.map((code) => asStoreError(Object.assign(new Error('x'), { code })).code),
    ['NO_SPACE', 'NO_SPACE', 'NO_SPACE', 'READ_ONLY', 'NO_PERMISSION', 'NO_PERMISSION', 'FAULTY'],
  );
});
