/** New code that the probe finds fit and that fails when it is called: it is taken back. */
import tap, { type Test, test } from 'tap';
import { call, metricsOf, until, untilWhole } from '../support/calls.ts';
import { greeter } from './greeter.ts';
import { startReloading } from './reloading-server.ts';
import { underTraffic } from './under-traffic.ts';

const fresh = (version: string, execute?: string): { readonly 'fresh/index.mjs': string } => ({
  'fresh/index.mjs': greeter(version, { name: 'fresh', ...(execute !== undefined && { execute }) }),
});
// One worker: what waits when it is lost, waits for its replacement.
const server = await startReloading(
  tap,
  { 'greet/index.mjs': greeter('1.0.0'), ...fresh('1.0.0') },
  { workers: 1 },
);
await untilWhole(server);

/** The old version serves again, and it is said why the new one does not. */
async function takenBack(t: Test, reason: RegExp): Promise<void> {
  await until('it is taken back', () => server.plugin('fresh')?.version === '1.0.0');
  const { rejected } = await server.untilRefused('fresh');
  t.match(rejected?.problem, { step: 'first calls', reason });
  t.match(
    server.log.findLast(({ message }) => message === 'the new version is taken back'),
    { level: 'error', fields: { plugin: 'fresh', reason } },
  );
  t.match(await call(server, 'fresh/hello', { n: 5 }), { body: { data: { n: 5, from: '1.0.0' } } });
}

test('code that ends its thread at the first call is taken back; no other call is lost', async (t) => {
  await underTraffic(t, server, async () => {
    server.save(fresh('2.0.0', '() => process.exit(3)'));
    await server.untilServing('fresh', '2.0.0');
    const deadly = await call(server, 'fresh/hello', { n: 1 });
    t.match(deadly, { status: 502, body: { code: 'WORKER_DIED' } });
    await takenBack(t, /^a worker was lost on its first calls: /);
  });
  await untilWhole(server);
  t.equal((await metricsOf(server)).get('hotlane_worker_crashes_total'), 1);
});

test('code that fails every call is taken back; no other call is lost', async (t) => {
  await underTraffic(t, server, async () => {
    server.save(fresh('3.0.0', '() => { throw new Error("no such table"); }'));
    await server.untilServing('fresh', '3.0.0');
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => call(server, 'fresh/hello', { n })));
    t.ok(answers.every(({ status }) => status === 500));
    await takenBack(t, /^\d of its first \d calls failed$/);
  });
});

test('a look at the disk does not bring it again, the next save does', async (t) => {
  t.match(await server.control.reload('greet'), { outcome: 'unchanged' });
  t.equal(server.plugin('fresh')?.version, '1.0.0');
  server.save(fresh('4.0.0'));
  await server.untilServing('fresh', '4.0.0');
  t.equal(server.plugin('fresh')?.rejected, undefined);
});
