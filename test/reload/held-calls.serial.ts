/**
 * Calls that last longer than a roll. Two workers that run one call each: with two calls held, a third waits, and
 * which worker takes which call is known.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import tap, { type Test, test } from 'tap';
import { type Answer, call, healthOf, metricsOf, until, untilWhole } from '../support/calls.ts';
import { Gate } from '../support/gate.ts';
import { gatekeeper } from './gatekeeper.ts';
import { journalOf, untold } from './journal.ts';
import { startReloading } from './reloading-server.ts';

const server = await startReloading(tap, gatekeeper('1.0.0'), { workers: 2, concurrency: 1 });
const gate = new Gate();
tap.teardown(() => gate.close());

/** Holds a call for each worker; resolves when they run. */
async function holdBoth(label: string): Promise<{ readonly answers: Promise<readonly Answer[]> }> {
  await untilWhole(server);
  const held = [0, 1].map(() => call(server, 'gate/pass', { label }));
  await gate.entered(label, 2);
  return { answers: Promise.all(held) };
}

const untilWaiting = (count: number): Promise<void> =>
  until(`${count} wait`, async () => (await healthOf(server)).calls.waiting === count);

const workersIn = async (state: string): Promise<number> =>
  (await metricsOf(server)).get(`hotlane_workers{state="${state}"}`) ?? 0;

const untilDraining = (): Promise<void> =>
  until('an old worker drains', async () => (await workersIn('draining')) === 1);

/** Whether a call of this tool would be taken; one that says it is no JSON is refused before it takes a place. */
async function isRouted(tool: string): Promise<boolean> {
  const headers = { 'Content-Type': 'text/plain' };
  const { status } = await fetch(`${server.url}/execute/${tool}`, { method: 'POST', headers, body: 'x' });
  if (status !== 415 && status !== 404) throw new Error(`status ${status}`);
  return status === 415;
}

/** Answered with 200 by this version. */
function answeredBy(t: Test, answers: readonly Answer[], version: string): void {
  for (const { status, body, headers } of answers) {
    t.match({ status, body }, { status: 200, body: { status: 'success' } });
    t.match(headers.get('x-plugin-version'), `${version}@`);
  }
}

test('calls that run at a save end on the old version, and new ones are answered by the new meanwhile', async (t) => {
  const { answers } = await holdBoth('long');
  server.save(gatekeeper('2.0.0'));
  await untilDraining();
  answeredBy(t, [await call(server, 'gate/spin', { label: 'short', ms: 1 })], '2.0.0');
  t.equal(server.plugin('gate')?.version, '1.0.0', 'the roll is not over');
  gate.open('long');
  answeredBy(t, await answers, '1.0.0');
  await server.untilServing('gate', '2.0.0');
});

test('a tool that goes is not routed any more, and calls that wait for it are answered by the old code', async (t) => {
  const { answers } = await holdBoth('before');
  const waiting = call(server, 'gate/spin', { label: 'waits', ms: 1 });
  await untilWaiting(1);
  server.save(gatekeeper('3.0.0', { secondTool: 'turn' }));
  await until('it is closed', async () => !(await isRouted('gate/spin')));
  t.equal(await isRouted('gate/pass'), true, 'the tool that stays can be called');
  t.equal(await isRouted('gate/turn'), false, 'the one that comes is not there yet');
  t.equal(gate.entries('waits'), 0);
  gate.open('before');
  answeredBy(t, [...(await answers), await waiting], '2.0.0');
  await server.untilServing('gate', '3.0.0');
  answeredBy(t, [await call(server, 'gate/turn', { label: 'new', ms: 1 })], '3.0.0');
  t.match(await call(server, 'gate/spin'), { status: 404, body: { code: 'UNKNOWN_TOOL' } });
});

test('a worker that dies in the middle of a roll on new code ends the roll', async (t) => {
  const { answers } = await holdBoth('both');
  server.save(gatekeeper('4.0.0', { secondTool: 'turn', last: 'process.exit(1);' }));
  await untilDraining();
  const deadly = call(server, 'gate/pass', { label: 'deadly' });
  await gate.entered('deadly');
  gate.open('deadly');
  t.match(await deadly, { status: 502, body: { code: 'WORKER_DIED' } });
  gate.open('both');
  answeredBy(t, await answers, '3.0.0');
  const { rejected } = await server.untilRefused('gate');
  t.match(rejected?.problem, { step: 'roll', reason: /^a worker was lost on its first calls: / });
  t.match(server.plugin('gate'), { version: '3.0.0', state: 'ACTIVE' });
  await untilWhole(server);
});

test('a worker that dies in the middle of a roll on old code does not keep the new from coming', async (t) => {
  server.save(gatekeeper('5.0.0', { secondTool: 'turn', last: "if (label === 'fuse') process.exit(1);" }));
  await server.untilServing('gate', '5.0.0');
  await untilWhole(server);
  const fuse = call(server, 'gate/pass', { label: 'fuse' });
  const other = call(server, 'gate/pass', { label: 'other' });
  await Promise.all([gate.entered('fuse'), gate.entered('other')]);
  server.save(gatekeeper('6.0.0', { secondTool: 'turn' }));
  await untilDraining();
  gate.open('fuse');
  t.match(await fuse, { status: 502, body: { code: 'WORKER_DIED' } });
  gate.open('other');
  answeredBy(t, [await other], '5.0.0');
  await server.untilServing('gate', '6.0.0');
  answeredBy(t, [await call(server, 'gate/turn', { label: 'after', ms: 1 })], '6.0.0');
});

test('a plugin that is deleted is unknown at once, and calls that run or wait are answered', async (t) => {
  const { answers } = await holdBoth('last');
  const waiting = call(server, 'gate/turn', { label: 'waits too', ms: 1 });
  await untilWaiting(1);
  rmSync(join(server.folder, 'gate'), { recursive: true });
  await until('it is closed', async () => !(await isRouted('gate/turn')));
  gate.open('last');
  answeredBy(t, [...(await answers), await waiting], '6.0.0');
  await until('it is gone', () => server.plugin('gate') === undefined);
});

test('a server that is stopped in the middle of a roll answers what runs and ends in order', async (t) => {
  server.save(gatekeeper('7.0.0'));
  await server.untilServing('gate', '7.0.0');
  const { answers } = await holdBoth('at the end');
  server.save(gatekeeper('8.0.0'));
  await untilDraining();
  const stopped = server.stop();
  t.match(await server.control.reload(), { outcome: 'refused', reason: 'the server is stopping' });
  gate.open('at the end');
  answeredBy(t, await answers, '7.0.0');
  await stopped;
  t.strictSame(
    server.log.filter(({ message }) => /unexpected/.test(message)),
    [],
  );
});

test('every move of every version is in the journal, in an order the table of states allows', async (t) => {
  const entries = await journalOf(server);
  t.strictSame(untold(entries), []);
  const causes = new Set(entries.map(({ to, cause }) => `${to}: ${cause}`));
  for (const told of [
    'ACTIVE: the server starts',
    'ACTIVE: the files changed',
    'UNLOADED: its folder is gone',
    'INACTIVE: roll: a worker was lost on its first calls: worker exited with code: 1',
  ]) {
    if (!causes.has(told)) t.fail(`${told} is missing`, { causes: [...causes] });
  }
});
