import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('every unit lies below test/, where its tests are run', async (t) => {
  t.ok(globSync('test/**/*.unit.ts', { cwd: ROOT }).length > 50, 'they are found');
  t.strictSame(globSync('{src,workers,plugins,bench,scripts}/**/*.unit.ts', { cwd: ROOT }), []);
});

test('every serial file lies beside the test that runs it', async (t) => {
  const folders = new Set(
    globSync('{test,src,workers,plugins,bench}/**/*.serial.ts', { cwd: ROOT }).map(dirname),
  );
  t.ok(folders.size > 3, 'they are found');
  t.strictSame(
    [...folders].filter((folder) => !existsSync(join(ROOT, folder, 'serial.test.ts'))),
    [],
  );
});

test('tests outside test/ are those of plugins, each in the folder of its plugin', async (t) => {
  const outside = globSync('{src,workers,plugins,bench,scripts}/**/*.test.ts', { cwd: ROOT });
  t.ok(outside.length > 0, 'they are found');
  t.strictSame(
    outside.filter((file) => !/^plugins[\\/][^\\/]+[\\/][^\\/]+$/.test(file)),
    [],
  );
});

test('every folder of a test goes after what uses it: only ownFolder asks tap for one', async (t) => {
  const asking = globSync('{test,plugins}/**/*.ts', { cwd: ROOT }).filter((file) =>
    /\.testdir\(/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  t.strictSame(asking, [join('test', 'support', 'own-folder.ts')]);
});
