import { join } from 'node:path';
import { test } from 'tap';
import { discoverPlugins } from '../../src/registry/discover.ts';
import { ownFolder } from '../support/own-folder.ts';

test('a plugin is a folder with an index, or a file, in TypeScript or JavaScript', async (t) => {
  const folder = ownFolder(t, {
    'a-ts': { 'index.ts': '' },
    'b-mts': { 'index.mts': '' },
    'c-js': { 'index.js': '' },
    'd-mjs': { 'index.mjs': '', 'other.ts': '' },
    'e.ts': '',
    'f.mts': '',
    'g.js': '',
    'h.mjs': '',
  });
  const { plugins, failures } = discoverPlugins(folder);
  t.strictSame(failures, []);
  t.strictSame(plugins, [
    { name: 'a-ts', entry: join(folder, 'a-ts/index.ts') },
    { name: 'b-mts', entry: join(folder, 'b-mts/index.mts') },
    { name: 'c-js', entry: join(folder, 'c-js/index.js') },
    { name: 'd-mjs', entry: join(folder, 'd-mjs/index.mjs') },
    { name: 'e', entry: join(folder, 'e.ts') },
    { name: 'f', entry: join(folder, 'f.mts') },
    { name: 'g', entry: join(folder, 'g.js') },
    { name: 'h', entry: join(folder, 'h.mjs') },
  ]);
});

test('plugins are in the order of their names', async (t) => {
  const folder = ownFolder(t, { 'a.ts': '', 'a-b.ts': '', 'a-a': { 'index.ts': '' } });
  t.strictSame(
    discoverPlugins(folder).plugins.map(({ name }) => name),
    ['a', 'a-a', 'a-b'],
  );
});

test('a folder with several indexes is loaded from TypeScript', async (t) => {
  const folder = ownFolder(t, { p: { 'index.mjs': '', 'index.js': '', 'index.ts': '' } });
  t.strictSame(discoverPlugins(folder).plugins, [{ name: 'p', entry: join(folder, 'p/index.ts') }]);
});

test('tests, declarations, other files, hidden ones and node_modules are no plugins', async (t) => {
  const folder = ownFolder(t, {
    'README.md': '',
    'orders.db': '',
    'weather.test.ts': '',
    'weather.d.ts': '',
    '.cache': { 'index.js': '' },
    '.hidden.js': '',
    node_modules: { 'index.js': '' },
  });
  t.strictSame(discoverPlugins(folder), { plugins: [], failures: [] });
});

test('a folder without an index is reported, and the rest is found', async (t) => {
  const folder = ownFolder(t, { empty: {}, fine: { 'index.ts': '' } });
  const { plugins, failures } = discoverPlugins(folder);
  t.match(plugins, [{ name: 'fine' }]);
  t.match(failures, [{ name: 'empty', reason: /no index\.ts, index\.mts, index\.js, index\.mjs$/ }]);
});

test('a name that cannot stand in a path is reported', async (t) => {
  const folder = ownFolder(t, {
    Weather: { 'index.ts': '' },
    'a_b.ts': '',
    '1st.js': '',
    [`${'x'.repeat(64)}.ts`]: '',
  });
  const { plugins, failures } = discoverPlugins(folder);
  t.strictSame(plugins, []);
  t.strictSame(
    failures.map(({ name }) => name),
    ['1st', 'Weather', 'a_b', 'x'.repeat(64)],
  );
  for (const { reason } of failures) t.match(reason, /^a plugin name must match/);
});

test('of two plugins with one name the folder is kept and the file is reported', async (t) => {
  const folder = ownFolder(t, { weather: { 'index.ts': '' }, 'weather.mjs': '' });
  const { plugins, failures } = discoverPlugins(folder);
  t.strictSame(plugins, [{ name: 'weather', entry: join(folder, 'weather/index.ts') }]);
  t.match(failures, [{ name: 'weather', reason: /two plugins have this name: weather\.mjs is left out/ }]);
});

test('a link is followed to where the plugin really lies', async (t) => {
  const folder = ownFolder(t, {
    code: { 'index.ts': '' },
    plugins: { linked: t.fixture('symlink', '../code'), broken: t.fixture('symlink', '../nowhere') },
  });
  const { plugins, failures } = discoverPlugins(join(folder, 'plugins'));
  t.strictSame(plugins, [{ name: 'linked', entry: join(folder, 'code/index.ts') }]);
  t.match(failures, [{ name: 'broken', reason: /ENOENT/ }]);
});

test('a folder that cannot be read is an error', async (t) => {
  t.throws(() => discoverPlugins(join(t.testdirName, 'nowhere')), { code: 'ENOENT' });
});
