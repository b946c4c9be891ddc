import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { watchPlugins } from '../../src/registry/watch.ts';
import { until } from '../support/calls.ts';
import { startTestServer } from '../support/server.ts';

const FINE = fileURLToPath(new URL('../fixtures/faults/loading/fine/index.ts', import.meta.url));

test('a plugin whose files change is stale: in health, and once in the log', async (t) => {
  const folder = t.testdir({ fine: { 'index.ts': await readFile(FINE, 'utf8') } });
  const server = await startTestServer({ plugins: folder, settings: { workers: 1 } });
  t.teardown(server.stop);
  const health = async (): Promise<unknown> => (await fetch(`${server.adminUrl}/healthz`)).json();
  t.match(await health(), { status: 'healthy', stale: [] });
  // The watcher may not have begun yet when the server serves.
  await until('the change is seen', async () => {
    await appendFile(join(folder, 'fine/index.ts'), '\n');
    return JSON.stringify(await health()).includes('"stale":["fine"]');
  });
  t.match(await health(), { status: 'degraded' });
  await appendFile(join(folder, 'fine/index.ts'), '\n');
  const lines = server.log.filter(({ message }) => message.startsWith('plugin files have changed'));
  t.match(lines, [{ level: 'warn', fields: { plugin: 'fine' } }]);
  t.equal(lines.length, 1);
});

test('any file of a plugin counts, of node_modules, hidden and other ones none', async (t) => {
  const folder = t.testdir({
    deep: { lib: { 'helper.ts': '' }, node_modules: { x: { 'index.js': '' } }, '.git': { HEAD: '' } },
    'single.mjs': '',
  });
  const heard: string[] = [];
  const watch = await watchPlugins(folder, (plugin) => heard.push(plugin), t.error);
  t.teardown(() => watch.close());
  let n = 0;
  const change = (file: string): Promise<void> => writeFile(join(folder, file), `${++n}`);
  await until('both are seen', async () => {
    for (const file of [
      'deep/node_modules/x/index.js',
      'deep/.git/HEAD',
      '.hidden',
      'README.md',
      'a.test.ts',
    ]) {
      await change(file);
    }
    await change('single.mjs');
    return heard.length > 0;
  });
  t.strictSame(heard, ['single'], 'a single file by its name; nothing of the others');
  await until('the helper is seen', async () => {
    await change('deep/lib/helper.ts');
    return heard.length > 1;
  });
  t.strictSame(heard, ['single', 'deep']);
  t.strictSame(watch.stale(), ['deep', 'single']);
});
