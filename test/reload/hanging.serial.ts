/** Both at once, because each takes all the time the probe has. */
import tap, { test } from 'tap';
import { call, untilWhole } from '../support/calls.ts';
import { greeter } from './greeter.ts';
import { startReloading } from './reloading-server.ts';
import { underTraffic } from './under-traffic.ts';

const good = (name: string, version: string): { readonly [path: string]: string } => ({
  [`${name}/index.mjs`]: greeter(version, { name }),
});
/** Milliseconds; what does not hang must come through it on a busy machine. */
const LIMIT = 2500;
const server = await startReloading(
  tap,
  { ...good('greet', '1.0.0'), ...good('import', '1.0.0'), ...good('init', '1.0.0') },
  { workers: 1, probeTimeoutMs: LIMIT },
);
await untilWhole(server);

test('code that hangs is refused when its time is over, and no request is lost meanwhile', async (t) => {
  const NEVER = 'new Promise(() => undefined)';
  await underTraffic(t, server, async () => {
    server.save({
      'import/index.mjs': greeter('2.0.0', { name: 'import', top: `await ${NEVER};` }),
      'init/index.mjs': greeter('2.0.0', { name: 'init', init: `() => ${NEVER}` }),
    });
    await Promise.all([server.untilRefused('import'), server.untilRefused('init')]);
  });
  for (const step of ['import', 'init']) {
    const problem = { step, reason: `${step} took longer than ${LIMIT} ms` };
    t.match(server.plugin(step), { state: 'ACTIVE', version: '1.0.0', rejected: { problem } });
    t.match(await call(server, `${step}/hello`, { n: 1 }), { body: { data: { n: 1, from: '1.0.0' } } });
  }
});

test('the next good save comes into service', async (t) => {
  server.save({ ...good('import', '3.0.0'), ...good('init', '3.0.0') });
  await Promise.all([server.untilServing('import', '3.0.0'), server.untilServing('init', '3.0.0')]);
  t.equal(server.plugin('import')?.rejected, undefined);
  t.equal(server.plugin('init')?.rejected, undefined);
});
