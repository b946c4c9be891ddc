import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Test, test } from 'tap';
import { providePluginApi } from '../../workers/plugin-api.ts';
import { confineImports } from '../../workers/version-imports.ts';
import type { Files } from '../probe/sample-plugin.ts';
import { ANYWHERE } from '../support/outbound.ts';
import { ownFolder } from '../support/own-folder.ts';

providePluginApi();

const PACKAGE = { 'package.json': '{"name":"dep","main":"index.mjs"}', 'index.mjs': 'export default "dep";' };

interface Place {
  readonly root: string;
  /** Imports the copy's index. */
  readonly load: () => Promise<Readonly<Record<string, unknown>>>;
}

/** A plugin's folder, a copy of it elsewhere, and a package only the original can see. */
function place(t: Test, copy: Files, original: Files = {}): Place {
  const root = ownFolder(t, {
    plugins: {
      node_modules: { dep: PACKAGE },
      other: { 'o.mjs': 'export default "other";' },
      sample: original,
    },
    versions: { sample: { abc: copy }, neighbour: { 'n.mjs': 'export default "neighbour";' } },
  });
  const folder = join(root, 'versions', 'sample', 'abc');
  const entry = join(folder, 'index.mjs');
  const origin = join(root, 'plugins', 'sample');
  confineImports([{ name: 'sample', entry, config: {}, outbound: ANYWHERE, folder, origin }]);
  return { root, load: () => import(pathToFileURL(entry).href) };
}

test('a package is found from the original folder', async (t) => {
  const { load } = place(t, { 'index.mjs': "export { default } from 'dep';" });
  t.equal((await load()).default, 'dep');
});

test('a package is found from the original folder by code deeper inside, and by require', async (t) => {
  const { load } = place(t, {
    'index.mjs': "export { default } from './lib/a.cjs';",
    lib: { 'a.cjs': "module.exports = require('dep').default;" },
  });
  t.equal((await load()).default, 'dep');
});

test('the plugin’s own files are those of the copy', async (t) => {
  const { load } = place(
    t,
    { 'index.mjs': "export { default } from './own.mjs';", 'own.mjs': 'export default "copy";' },
    { 'own.mjs': 'export default "changed since";' },
  );
  t.equal((await load()).default, 'copy');
});

test('a plugin that imports itself by its package’s name gets the copy’s files', async (t) => {
  const own = { 'package.json': '{"name":"sample","exports":{"./own":"./own.mjs"}}' };
  const { load } = place(
    t,
    { ...own, 'index.mjs': "export { default } from 'sample/own';", 'own.mjs': 'export default "copy";' },
    { ...own, 'own.mjs': 'export default "changed since";' },
  );
  t.equal((await load()).default, 'copy');
});

test('hotlane/plugin and Node’s own modules are found', async (t) => {
  const { load } = place(t, {
    'index.mjs': `
      import { definePlugin } from 'hotlane/plugin';
      import { sep } from 'node:path';
      import path from 'path';
      export default [typeof definePlugin, sep === path.sep];`,
  });
  t.strictSame((await load()).default, ['function', true]);
});

for (const specifier of ['../../neighbour/n.mjs', '../other/o.mjs', '/etc/passwd', 'file:///etc/passwd']) {
  test(`a file outside the folder is refused when it is named ${specifier}`, async (t) => {
    const { load } = place(t, { 'index.mjs': `import '${specifier}';` });
    await t.rejects(load(), {
      message: `imports a file outside its folder: ${specifier} (from index.mjs)`,
    });
  });
}

test('hotlane/plugin and Node’s own modules can be required', async (t) => {
  const { load } = place(t, {
    'index.mjs': "export { default } from './a.cjs';",
    'a.cjs': "module.exports = [typeof require('hotlane/plugin').definePlugin, typeof require('path').sep];",
  });
  t.strictSame((await load()).default, ['function', 'string']);
});

test('a file outside the folder is refused to require too', async (t) => {
  const { load } = place(t, {
    'index.mjs': "import './lib/a.cjs';",
    lib: { 'a.cjs': "require('../../../neighbour/n.mjs');" },
  });
  await t.rejects(load(), {
    message: /^imports a file outside its folder: ..\/..\/..\/neighbour\/n.mjs \(from lib.a.cjs\)$/,
  });
});

test('a path into a package beside the original folder is followed', async (t) => {
  const { load } = place(t, { 'index.mjs': "export { default } from '../node_modules/dep/index.mjs';" });
  t.equal((await load()).default, 'dep');
});

test('code that is no copy imports what it likes', async (t) => {
  const { root } = place(t, {}, { 'index.mjs': "export { default } from '../other/o.mjs';" });
  const { default: value } = await import(pathToFileURL(join(root, 'plugins', 'sample', 'index.mjs')).href);
  t.equal(value, 'other');
});
