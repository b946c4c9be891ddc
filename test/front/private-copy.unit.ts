import { createHash } from 'node:crypto';
import { chmod, lstat, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { privateCopy } from '../../src/front/private-copy.ts';
import { ownFolder } from '../support/own-folder.ts';

const bytes = Buffer.from('content');

test('a copy is private, found again, and named by its content', async (t) => {
  const folder = join(ownFolder(t, {}), 'hotlane');
  const path = privateCopy(bytes, 'name', '.node', [folder]);
  t.equal(path, join(folder, `name-${createHash('sha256').update(bytes).digest('hex')}.node`));
  t.ok((await readFile(path)).equals(bytes));
  t.equal((await stat(folder)).mode & 0o777, 0o700);
  const first = await stat(path);
  t.equal(first.mode & 0o777, 0o400);
  t.equal(privateCopy(bytes, 'name', '.node', [folder]), path);
  t.equal((await stat(path)).ino, first.ino, 'not written again');
  t.equal((await readdir(folder)).length, 1, 'nothing unfinished is left');
});

test('a copy with other content is replaced, not written into', async (t) => {
  const folder = join(ownFolder(t, {}), 'hotlane');
  const path = privateCopy(bytes, 'name', '.node', [folder]);
  await chmod(path, 0o600);
  await writeFile(path, 'CONTENT');
  const tampered = await stat(path);
  t.equal(privateCopy(bytes, 'name', '.node', [folder]), path);
  t.ok((await readFile(path)).equals(bytes));
  t.not((await stat(path)).ino, tampered.ino);
});

test('a copy that others may write is replaced', async (t) => {
  const folder = join(ownFolder(t, {}), 'hotlane');
  const path = privateCopy(bytes, 'name', '.node', [folder]);
  await chmod(path, 0o666);
  t.equal(privateCopy(bytes, 'name', '.node', [folder]), path);
  t.equal((await stat(path)).mode & 0o777, 0o400);
});

test('a link in place of the copy is replaced', async (t) => {
  const folder = join(ownFolder(t, {}), 'hotlane');
  const path = privateCopy(bytes, 'name', '.node', [folder]);
  await rename(path, `${path}.moved`);
  await symlink(`${path}.moved`, path);
  t.equal(privateCopy(bytes, 'name', '.node', [folder]), path);
  t.ok((await lstat(path)).isFile());
});

test('a folder that others may write, or that is a link, is passed over', async (t) => {
  const home = ownFolder(t, { open: {}, own: {} });
  const [open, link, own] = [join(home, 'open'), join(home, 'link'), join(home, 'own')];
  await chmod(open, 0o777);
  await chmod(own, 0o700);
  await symlink(own, link);
  t.ok(privateCopy(bytes, 'name', '.node', [open, link, own]).startsWith(own));
  t.throws(() => privateCopy(bytes, 'name', '.node', [open, link]), {
    message: /no usable cache folder: .*open.*link/,
  });
});
