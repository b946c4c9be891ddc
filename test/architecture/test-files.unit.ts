import { existsSync, globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';

const TESTS = fileURLToPath(new URL('..', import.meta.url));

test('every unit lies in a folder of test/ that runs its units', async (t) => {
  const units = globSync('**/*.unit.ts', { cwd: TESTS });
  t.ok(units.length > 50, 'they are found');
  const folders = new Set(units.map((unit) => unit.split(/[\\/]/, 1)[0]));
  t.strictSame(
    [...folders].filter((folder) => !existsSync(`${TESTS}/${folder}/units.test.ts`)),
    [],
  );
  t.strictSame(globSync('{src,workers,plugins,bench}/**/*.unit.ts', { cwd: `${TESTS}/..` }), []);
});
