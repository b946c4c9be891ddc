import { test } from 'tap';
import type { Log } from '../../src/core/log.ts';
import type { LoadReport } from '../../src/pool/thread.ts';
import { ToolTable } from '../../src/server/tool-table.ts';
import type { PluginFailure, PluginManifest } from '../../src/wire/catalogue.ts';
import { testSettings } from '../support/server.ts';

const quiet = (): undefined => undefined;

/** A log that keeps its error lines. */
function errorsInto(lines: unknown[]): Log {
  const log: Log = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (message, fields) => lines.push({ message, ...fields }),
    child: () => log,
  };
  return log;
}

const plugin = (name: string, tools: Readonly<Record<string, number | undefined>>): PluginManifest => ({
  name,
  version: '1.0.0',
  description: name,
  tools: Object.entries(tools).map(([tool, timeoutMs]) => ({ name: tool, summary: tool, timeoutMs })),
});

const report = (plugins: readonly PluginManifest[], failures: readonly PluginFailure[]): LoadReport => ({
  plugins,
  failures,
});

test('a deadline is the file’s word on the tool, else on the plugin, else the tool’s own, else the server’s', async (t) => {
  const settings = testSettings({
    timeoutMs: 4000,
    pluginSettings: {
      a: { timeoutMs: 2000, tools: { x: { timeoutMs: 1000 } } },
      b: { tools: { y: { timeoutMs: 500 } } },
    },
  });
  const table = new ToolTable(settings, [], errorsInto([]));
  const plugins = [plugin('a', { x: 9, y: 9 }), plugin('b', { x: 3000, y: 9, z: undefined })];
  table.fill(report(plugins, []));
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
});

test('every tool has a number of its own, counted from 0', async (t) => {
  const table = new ToolTable(testSettings(), [], errorsInto([]));
  const tools = table.fill(report([plugin('a', { x: 1, y: 1 }), plugin('b', { x: 1 })], []));
  t.strictSame(
    tools.map(({ id }) => id),
    [0, 1, 2],
  );
});

test('what was left out before and while loading is kept and logged', async (t) => {
  const lines: unknown[] = [];
  const before = { name: 'no-index', reason: 'the folder has no index', stack: undefined };
  const loading = { name: 'broken', reason: 'it threw', stack: 'at line 1' };
  const table = new ToolTable(testSettings(), [before], errorsInto(lines));
  t.strictSame(table.failures, [before]);
  table.fill(report([], [loading]));
  t.strictSame(table.failures, [before, loading]);
  t.match(lines, [
    { message: 'plugin left out', plugin: 'no-index', reason: 'the folder has no index' },
    { message: 'plugin left out', plugin: 'broken', reason: 'it threw' },
  ]);
});
