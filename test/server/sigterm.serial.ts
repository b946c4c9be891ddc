import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { call, healthOf, until, untilWhole } from '../support/calls.ts';
import { type Command, launchCommand, startCommand } from './command.ts';

const PLUGINS = ['--plugins', fileURLToPath(new URL('../fixtures/faults/calls', import.meta.url))];

const ready = async ({ adminUrl }: Command): Promise<number> => (await fetch(`${adminUrl}/readyz`)).status;

/** Ends in time and in order. */
async function ends(t: Test, command: Pick<Command, 'exited'>, began: number): Promise<void> {
  t.equal(await command.exited, 0);
  const took = performance.now() - began;
  t.ok(took < 10_000, `${took.toFixed()} ms after the signal`);
}

test('SIGTERM during calls: readiness goes down, no new call is taken, running calls are answered, exit 0', async (t) => {
  const command = await startCommand(t, [...PLUGINS, '--workers', '2']);
  await untilWhole(command);
  t.equal(await ready(command), 200);
  const calls = Array.from({ length: 12 }, (_, n) =>
    call(command, 'steady/hold', { text: `${n}`, ms: 1000 }),
  );
  await until('all calls run', async () => (await healthOf(command)).calls.inFlight === 12);
  const began = performance.now();
  command.kill('SIGTERM');

  await until('readiness is down', async () => (await ready(command)) === 503);
  t.match(await healthOf(command), { status: 'stopping', calls: { inFlight: 12 } });
  await t.rejects(fetch(`${command.url}/execute/steady/hold`, { method: 'POST' }), 'nobody listens any more');

  for (const [n, { status, body }] of (await Promise.all(calls)).entries()) {
    t.match({ status, body }, { status: 200, body: { status: 'success', data: { text: `${n}` } } });
  }
  await ends(t, command, began);
  t.ok(
    command.log.some(
      ({ msg, reason, inFlight }) => msg === 'stopping' && reason === 'SIGTERM' && inFlight === 12,
    ),
  );
  t.strictSame(
    command.log.filter(({ level }) => level === 'error'),
    [],
  );
});

test('SIGTERM while a call never ends: at the end of the drain it is answered 503, exit 0', async (t) => {
  const command = await startCommand(t, [...PLUGINS, '--workers', '1', '--drain-ms', '300']);
  const endless = call(command, 'faulty/never-settles');
  const stuck = call(command, 'faulty/loops');
  await until('both calls are there', async () => (await healthOf(command)).calls.inFlight === 2);
  const began = performance.now();
  command.kill('SIGTERM');
  const answer = await endless;
  t.match(answer, { status: 503, body: { status: 'error', code: 'SHUTTING_DOWN' } });
  t.equal(answer.headers.get('retry-after'), '1');
  t.match(await stuck, { status: 503, body: { code: 'SHUTTING_DOWN' } });
  await ends(t, command, began);
});

test('SIGTERM at rest: exit 0', async (t) => {
  const command = await startCommand(t, [...PLUGINS, '--workers', '1']);
  const began = performance.now();
  command.kill('SIGTERM');
  await ends(t, command, began);
});

test('SIGTERM while no worker comes up: each has been told of, the start is given up, exit 0', async (t) => {
  const noThreads = fileURLToPath(new URL('../fixtures/thread-start/none.cjs', import.meta.url));
  const command = launchCommand(t, PLUGINS, noThreads);
  const tells = (text: string): boolean => command.log.some(({ msg }) => msg.startsWith(text));
  await until('starts are withheld', () => tells('workers keep failing to start'));
  t.ok(
    command.log.some(
      ({ msg, reason }) => msg === 'worker crashed' && reason === 'the thread exited with code 9',
    ),
  );
  const began = performance.now();
  command.kill('SIGTERM');
  await ends(t, command, began);
  t.ok(tells('stopped before any worker served'));
});
