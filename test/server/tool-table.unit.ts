import { test } from 'tap';
import type { PluginManifest } from '../../src/wire/catalogue.ts';
import { openTable, testSettings } from '../support/server.ts';
import { toolManifest } from '../support/tool-manifest.ts';

const plugin = (name: string, tools: Readonly<Record<string, number | undefined>>): PluginManifest => ({
  name,
  version: '1.0.0',
  description: name,
  tools: Object.entries(tools).map(([tool, timeoutMs]) => toolManifest(tool, { timeoutMs })),
  hasEvents: false,
});

test('a deadline is the file’s word on the tool, else on the plugin, else the tool’s own, else the server’s', async (t) => {
  const settings = testSettings({
    timeoutMs: 4000,
    pluginSettings: {
      a: { timeoutMs: 2000, tools: { x: { timeoutMs: 1000 } } },
      b: { tools: { y: { timeoutMs: 500 } } },
    },
  });
  const table = openTable(settings);
  table.publish([plugin('a', { x: 9, y: 9 }), plugin('b', { x: 3000, y: 9, z: undefined })]);
  t.strictSame(
    table.tools.map(({ plugin: name, tool, timeoutMs }) => [name, tool, timeoutMs]),
    [
      ['a', 'x', 1000],
      ['a', 'y', 2000],
      ['b', 'x', 3000],
      ['b', 'y', 500],
      ['b', 'z', 4000],
    ],
  );
  t.equal(table.longestTimeoutMs, 4000);
});

test('every tool has a number of its own, counted from 0', async (t) => {
  const table = openTable(testSettings());
  const numbers = table.bind([plugin('a', { x: 1, y: 1 }), plugin('b', { x: 1 })]);
  t.strictSame(
    numbers.map(({ id }) => id),
    [0, 1, 2],
  );
});

test('a tool keeps its number while others come and go', async (t) => {
  const table = openTable(testSettings());
  const [, second] = table.bind([plugin('a', { x: 1, y: 1 })]);
  t.strictSame(table.bind([plugin('a', { y: 1, z: 1 })]), [second, { id: 2, plugin: 'a', tool: 'z' }]);
  t.equal(table.known.length, 3);
});

test('only what is published can be called, in the order of names', async (t) => {
  const table = openTable(testSettings());
  const [old, kept, fresh] = [plugin('old', { x: 1 }), plugin('kept', { x: 1 }), plugin('fresh', { x: 1 })];
  table.publish([old, kept]);
  t.equal(table.routes([]).find('post', '/execute/old/x')?.kind, 'tool');
  table.publish([kept, fresh]);
  t.strictSame(
    table.plugins.map(({ name }) => name),
    ['fresh', 'kept'],
  );
  t.strictSame(table.routes([]).find('post', '/execute/old/x'), { kind: 'refused', code: 'UNKNOWN_PLUGIN' });
  t.equal(table.routes([]).find('post', '/execute/fresh/x')?.kind, 'tool');
});

/** What becomes of failures of a tool of plugin `a`. */
function shown(settings: Parameters<typeof testSettings>[0]): unknown {
  const table = openTable(testSettings(settings));
  table.publish([plugin('a', { x: 1 })]);
  return table.tools[0]?.hidesStatus;
}

test('whether failures keep their status: the file’s word on the plugin, else the server’s, else only Coze is spared it', async (t) => {
  t.strictSame(shown({}), { envelope: false, native: true });
  t.strictSame(shown({ errorStatus: 'http' }), { envelope: false, native: false });
  t.strictSame(shown({ errorStatus: 'coze' }), { envelope: true, native: true });
  t.strictSame(shown({ errorStatus: 'coze', pluginSettings: { a: { errorStatus: 'http' } } }), {
    envelope: false,
    native: false,
  });
});
