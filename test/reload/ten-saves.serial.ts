/** One worker, so that a roll is one thread. */
import tap, { test } from 'tap';
import { until, untilWhole } from '../support/calls.ts';
import { greeter } from './greeter.ts';
import { startReloading } from './reloading-server.ts';
import { underTraffic } from './under-traffic.ts';

const server = await startReloading(tap, { 'greet/index.mjs': greeter('1.0.0') }, { workers: 1 });
await untilWhole(server);

test('ten saves, one after the other, each come into service, and no request is lost', async (t) => {
  const saves = Array.from({ length: 10 }, (_, n) => `1.1.${n}`);
  const versions = await underTraffic(t, server, async (traffic) => {
    for (const version of saves) {
      server.save({ 'greet/index.mjs': greeter(version) });
      const answers = (): boolean => [...traffic.versions].some((one) => one.startsWith(`${version}@`));
      await until(`${version} answers`, answers);
    }
  });
  t.strictSame(
    versions.map((version) => version.slice(0, version.indexOf('@'))),
    ['1.0.0', ...saves],
  );
  await until('all are told', () => server.reports.length === saves.length);
  t.ok(server.reports.every(({ outcome }) => outcome === 'rolled'));
});
