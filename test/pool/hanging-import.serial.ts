import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { call, healthOf } from '../support/calls.ts';
import { startTestServer } from '../support/server.ts';

test('a plugin whose import never ends is given up after ten seconds; the rest serves', async (t) => {
  const server = await startTestServer({
    plugins: fileURLToPath(new URL('../fixtures/faults/hanging', import.meta.url)),
    settings: { workers: 1 },
  });
  t.teardown(server.stop);
  const { plugins } = await healthOf(server);
  t.match(plugins.loaded, [{ name: 'fine' }]);
  t.strictSame(plugins.failed, [{ name: 'import-hangs', reason: 'import took longer than 10000 ms' }]);
  t.match(await call(server, 'fine'), { status: 200 });
});
