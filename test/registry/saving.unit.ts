import { copyFile, open, rename, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'tap';
import { until } from '../support/calls.ts';
import { scanFolder, writeFiles } from './scanned-folder.ts';

test('every way in which editors save a file makes one view of the new text', async (t) => {
  const { folder, outside, shown, untilShown } = await scanFolder(t, { 'p/index.ts': 'text 0' });
  const file = join(folder, 'p/index.ts');
  const ways: ((text: string) => Promise<void>)[] = [
    (text) => writeFile(file, text),
    async (text) => {
      await writeFile(join(folder, 'p/.index.ts.new'), text);
      await rename(join(folder, 'p/.index.ts.new'), file);
    },
    async (text) => {
      await writeFile(join(outside, 'new'), text);
      await rename(join(outside, 'new'), file);
    },
    async (text) => {
      await unlink(file);
      await writeFile(file, text);
    },
    // vim: swap file, test whether files can be made, backup by renaming, write, remove the backup.
    async (text) => {
      await writeFile(join(folder, 'p/.index.ts.swp'), '');
      await writeFile(join(folder, 'p/4913'), '');
      await rm(join(folder, 'p/4913'));
      await rename(file, `${file}~`);
      await writeFile(file, text);
      await rm(`${file}~`);
      await rm(join(folder, 'p/.index.ts.swp'));
    },
    // With backupcopy=yes it copies, and writes in place.
    async (text) => {
      await copyFile(file, `${file}~`);
      await writeFile(file, text);
      await rm(`${file}~`);
    },
  ];
  const expected = [{ p: 'text 0' }];
  for (const [n, save] of ways.entries()) {
    const text = `text ${n + 1}`;
    await save(text);
    await untilShown({ p: text });
    expected.push({ p: text });
  }
  t.strictSame(shown, expected);
});

test('half of a file is never shown, however slowly it is written', async (t) => {
  const { folder, shown, untilShown } = await scanFolder(t, { 'p/index.ts': 'old'.repeat(20) });
  const chunks = Array.from({ length: 20 }, (_, n) => `chunk ${n}\n`);
  const handle = await open(join(folder, 'p/index.ts'), 'w');
  for (const chunk of chunks) {
    await handle.write(chunk);
    await setTimeout(30);
  }
  await handle.close();
  await untilShown({ p: chunks.join('') });
  t.strictSame(shown, [{ p: 'old'.repeat(20) }, { p: chunks.join('') }]);
});

test('a writer that pauses with the file open is waited for', {
  skip: process.platform === 'linux' ? false : 'only Linux tells',
}, async (t) => {
  const { folder, scanner, shown, untilShown } = await scanFolder(
    t,
    { 'p/index.ts': 'old' },
    { patienceMs: 200 },
  );
  const handle = await open(join(folder, 'p/index.ts'), 'w');
  await handle.write('new, first half, ');
  const view = await scanner.rescan();
  t.match(view, { waiting: new Map([['p', /index\.ts is open for writing$/]]) });
  await handle.write('second half');
  await handle.close();
  await untilShown({ p: 'new, first half, second half' });
  t.equal(shown.length, 2);
});

test('a file cut off and then written is never shown empty or half', async (t) => {
  const { folder, shown, untilShown } = await scanFolder(t, { 'p/index.ts': 'text 0', 'p/lib.ts': '0' });
  const file = join(folder, 'p/index.ts');
  for (let n = 1; n <= 3; n++) {
    await writeFile(file, '');
    // Longer than a file has to be left alone: it is empty, though, and so unfinished.
    await setTimeout(120);
    await writeFile(file, `text ${n}`);
    await untilShown({ p: `text ${n}` });
  }
  t.strictSame(
    shown,
    [0, 1, 2, 3].map((n) => ({ p: `text ${n}` })),
  );
});

test('fifty plugins written at once make one view', async (t) => {
  const { shown, views, write, untilShown } = await scanFolder(t, { 'p/index.ts': 'p' });
  const names = Array.from({ length: 50 }, (_, n) => `n${String(n).padStart(2, '0')}`);
  await write(Object.fromEntries(names.map((name) => [`${name}.ts`, name])));
  await untilShown(Object.fromEntries([...names, 'p'].map((name) => [name, name])));
  t.equal(views.length, 2);
  t.equal(shown.length, 2);
});

test('a touched file makes a hint and no view', async (t) => {
  const { folder, hints, scanner, views, write, untilShown } = await scanFolder(t, { 'p/index.ts': 'a' });
  let n = 0;
  await until('there is a hint', async () => {
    await utimes(join(folder, 'p/index.ts'), ++n, n);
    return hints() > 0;
  });
  await scanner.rescan();
  await scanner.rescan({ force: true });
  t.equal(views.length, 1);
  await write({ 'p/index.ts': 'b' });
  await untilShown({ p: 'b' });
  t.equal(views.length, 2);
});

test('plugins come and go', async (t) => {
  const { folder, shown, untilShown, write } = await scanFolder(t, { 'p/index.ts': 'p' });
  await write({ 'q/index.ts': 'q', 'q/lib/helper.ts': 'helper' });
  await untilShown({ p: 'p', q: 'q' });
  await rm(join(folder, 'p'), { recursive: true });
  await untilShown({ q: 'q' });
  await write({ 'r.mts': 'r' });
  await untilShown({ q: 'q', r: 'r' });
  await rename(join(folder, 'r.mts'), join(folder, 's.mts'));
  await untilShown({ q: 'q', s: 'r' });
  t.equal(shown.length, 5);
});

test('a plugin that is written without end keeps its last version and holds up nobody', async (t) => {
  const { folder, untilShown, warnings, write } = await scanFolder(
    t,
    { 'slow/index.ts': 'old', 'p/index.ts': 'a' },
    { patienceMs: 300 },
  );
  const stop = new AbortController();
  const writing = (async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await writeFile(join(folder, 'slow/index.ts'), `${performance.now()}`);
      await setTimeout(10);
    }
  })();
  await until('it takes long', () => warnings.length > 0);
  t.match(warnings, [{ message: 'a plugin is not picked up yet', fields: { plugin: 'slow' } }]);
  await write({ 'p/index.ts': 'b' });
  await untilShown({ p: 'b', slow: 'old' });
  stop.abort();
  await writing;
  await writeFiles(folder, { 'slow/index.ts': 'new' });
  await untilShown({ p: 'b', slow: 'new' });
});
