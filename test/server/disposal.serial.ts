import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { call, healthOf, until, untilWhole } from '../support/calls.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/disposal', import.meta.url)),
  settings: { workers: 2 },
});

test('at the end calls finish, then each worker disposes its plugins; one that hangs is cut off', async (t) => {
  await untilWhole(server);
  const running = call(server, 'disposes/work', { ms: 300 });
  await until('the call runs', async () => (await healthOf(server)).calls.inFlight === 1);
  const began = performance.now();
  await server.stop();
  const took = performance.now() - began;
  t.match(await running, { status: 200, body: { data: { ms: 300 } } });

  const goodbyes = server.log.filter(({ message }) => message === 'goodbye');
  t.match(goodbyes, [
    { fields: { plugin: 'disposes', underWay: 0 } },
    { fields: { plugin: 'disposes', underWay: 0 } },
  ]);
  const failures = server.log.filter(({ message }) => message === 'dispose failed');
  t.equal(failures.length, 2);
  t.match(failures[0], {
    level: 'error',
    fields: { plugin: 'dispose-throws', error: { message: 'the valve is stuck' } },
  });
  const cutOff = server.log.filter(({ fields }) => /not drained within/.test(String(fields.reason)));
  t.equal(cutOff.length, 2, 'both wait for a plugin that never ends');
  t.ok(took < 10_000, `${took.toFixed()} ms`);
});
