/** Threads that stand by after losses. Two workers that run two calls each. */
import tap, { type Test, test } from 'tap';
import type { LiveView } from '../../src/insight/live-view.ts';
import { gatekeeper } from '../reload/gatekeeper.ts';
import { greeter } from '../reload/greeter.ts';
import { type Files, startReloading } from '../reload/reloading-server.ts';
import { call, until, untilWhole } from '../support/calls.ts';
import { Gate } from '../support/gate.ts';

/** Its import is told in the log; `n` below zero ends the worker. */
const exits = greeter('1.0.0', {
  name: 'exits',
  top: "console.log('imported');",
  execute: '({ n }) => { if (n < 0) process.exit(3); return { n }; }',
});
const files = (version: string): Files => ({ ...gatekeeper(version), 'exits/index.mjs': exits });
const server = await startReloading(tap, files('1.0.0'), { workers: 2, concurrency: 2, breaker: false });
const gate = new Gate();
tap.teardown(() => gate.close());

const seatsIn = async (state: string): Promise<readonly number[]> => {
  const { workers } = (await (await fetch(`${server.adminUrl}/top`)).json()) as LiveView;
  return workers.filter((worker) => worker.state === state).map(({ seat }) => seat);
};

/** How many threads have loaded the plugins so far. */
const imports = (): number => server.log.filter(({ message }) => message === 'imported').length;

const untilStandingBy = (count: number): Promise<void> =>
  until(`${count} stand by`, async () => (await seatsIn('standby')).length === count);

const replacements = (): readonly unknown[] =>
  server.log
    .filter(({ message }) => message === 'a lost worker is replaced')
    .map(({ fields }) => fields['seat']);

/** Ends so many workers at once; resolves with the seats of their replacements. */
async function lose(t: Test, count: number): Promise<readonly unknown[]> {
  const before = replacements().length;
  const deadly = Array.from({ length: count }, () => call(server, 'exits/hello', { n: -1 }));
  for (const answer of await Promise.all(deadly))
    t.match(answer, { status: 502, body: { code: 'WORKER_DIED' } });
  await until('they are replaced', () => replacements().length === before + count);
  return replacements().slice(before);
}

/** Whether all of these threads stood by before. */
const areOf = (stood: readonly number[], seats: readonly unknown[]): boolean =>
  seats.every((seat) => stood.some((one) => one === seat));

test('after a loss a thread stands by with the plugins loaded, and one without', async (t) => {
  await untilWhole(server);
  const before = imports();
  await lose(t, 1);
  await untilStandingBy(2);
  t.equal(imports() - before, 2, 'the replacement and one of the two');
});

test('the next lost worker is replaced by the loaded one, and another takes its place', async (t) => {
  const stood = await seatsIn('standby');
  const before = imports();
  t.ok(areOf(stood, await lose(t, 1)));
  await untilStandingBy(2);
  t.equal(imports() - before, 1);
});

test('a worker lost right after a roll is replaced by a thread that stood by', async (t) => {
  server.save(gatekeeper('2.0.0'));
  await server.untilServing('gate', '2.0.0');
  const stood = await seatsIn('standby');
  t.ok(areOf(stood, await lose(t, 1)));
  t.match((await call(server, 'gate/spin', { label: 'after', ms: 1 })).headers.get('x-plugin-version'), /^2/);
  await untilStandingBy(2);
});

test('a worker lost in the middle of a roll is replaced by one that stood by, and the roll goes on', async (t) => {
  const held = call(server, 'gate/pass', { label: 'held' });
  await gate.entered('held');
  const before = await seatsIn('standby');
  server.save(gatekeeper('3.0.0'));
  await until('an old worker drains', async () => (await seatsIn('draining')).length === 1);
  t.ok(areOf(before, await lose(t, 1)));
  gate.open('held');
  t.match(await held, { status: 200 });
  await server.untilServing('gate', '3.0.0');
  await untilWhole(server);
  t.equal((await seatsIn('serving')).length, 2);
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => call(server, 'gate/spin', { label: 'new', ms: 5 })),
  );
  for (const { headers } of answers) t.match(headers.get('x-plugin-version'), /^3/);
  await untilStandingBy(2);
});

test('after two losses at once two stand by with the plugins loaded, and are there for the next two', async (t) => {
  await lose(t, 2);
  await untilStandingBy(3);
  const stood = await seatsIn('standby');
  t.ok(areOf(stood, await lose(t, 2)));
  await untilStandingBy(3);
});

test('threads that stand by go with the server', async (t) => {
  await server.stop();
  const lost = server.log.filter(({ message }) => /unexpected|not drained/.test(message));
  t.strictSame(lost, []);
});
