/** The real command in a process of its own, killed in the middle of a roll. */
import { type Test, test } from 'tap';
import type { PluginView } from '../../src/reload/control.ts';
import { type Command, startCommand } from '../server/command.ts';
import { call, healthOf, metricsOf, until, untilWhole } from '../support/calls.ts';
import { greeter } from './greeter.ts';
import { journalOf, untold } from './journal.ts';
import { type Files, type Place, placeWith } from './reloading-server.ts';

/** Waits for `-n` milliseconds where `n` is negative. */
const patient = (version: string): Files => ({
  'greet/index.mjs': greeter(version, {
    execute: `async ({ n }) => {
      if (n < 0) await new Promise((resolve) => setTimeout(resolve, -n));
      return { n, from: '${version}' };
    }`,
  }),
});

function start(t: Test, { folder, stateDir }: Place, workers: number): Promise<Command> {
  return startCommand(t, ['--plugins', folder, '--state-dir', stateDir, '--workers', `${workers}`]);
}

async function viewOf({ adminUrl }: Command): Promise<PluginView> {
  return (await (await fetch(`${adminUrl}/plugins/greet`)).json()) as PluginView;
}

const untilServing = (command: Command, version: string): Promise<void> =>
  until(`${version} serves`, async () => (await viewOf(command)).version === version);

test('a server killed in the middle of a roll starts on the version before, then finishes the roll', async (t) => {
  const place = placeWith(t, patient('1.0.0'));
  const first = await start(t, place, 2);
  await untilWhole(first);
  const held = [1, 2].map(() => call(first, 'greet/hello', { n: -60_000 }).catch(() => 'cut off'));
  await until('both run', async () => (await healthOf(first)).calls.inFlight === 2);
  place.save(patient('2.0.0'));
  const draining = 'hotlane_workers{state="draining"}';
  await until('an old worker drains', async () => (await metricsOf(first)).get(draining) === 1);
  first.kill('SIGKILL');
  t.equal(await first.exited, null);
  t.strictSame(await Promise.all(held), ['cut off', 'cut off']);
  const { length } = await journalOf(place);

  const second = await start(t, place, 1);
  t.match(await call(second, 'greet/hello', { n: 1 }), { status: 200 });
  await untilServing(second, '2.0.0');
  t.match(await call(second, 'greet/hello', { n: 2 }), { body: { data: { n: 2, from: '2.0.0' } } });
  second.kill('SIGTERM');
  t.equal(await second.exited, 0);
  const entries = await journalOf(place);
  t.strictSame(untold(entries), []);
  t.strictSame(
    entries.slice(length).flatMap(({ version, to, cause }) => (to === 'ACTIVE' ? [[version, cause]] : [])),
    [
      ['1.0.0', 'the server starts'],
      ['2.0.0', 'the server started on an earlier version'],
    ],
  );
});
