/** Old workers whose calls do not end: a server with short deadlines, and workers that nobody takes for stuck. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import tap, { test } from 'tap';
import { call, until, untilWhole } from '../support/calls.ts';
import { Gate } from '../support/gate.ts';
import { gatekeeper } from './gatekeeper.ts';
import { startReloading } from './reloading-server.ts';

const TIMEOUT = 400;
/** Of one tool. */
const LONG = 10 * TIMEOUT;
const settings = { workers: 1, timeoutMs: TIMEOUT, stuckGraceMs: 20_000 };
const server = await startReloading(tap, gatekeeper('1.0.0'), settings);
const gate = new Gate();
tap.teardown(() => gate.close());

test('a call that ends neither in time nor at all is answered at its deadline, and the roll is completed', async (t) => {
  await untilWhole(server);
  // The worker hears nothing any more, neither the deadline nor the drain.
  const endless = call(server, 'gate/spin', { label: 'endless', ms: 60_000 });
  await gate.entered('endless');
  server.save(gatekeeper('2.0.0', { timeoutMs: LONG }));
  t.match(await endless, { status: 504, body: { code: 'DEADLINE_EXCEEDED' } });
  await server.untilServing('gate', '2.0.0');
  const ended = (): unknown => server.log.find(({ message }) => message === 'worker ended');
  await until('the old worker has ended', () => ended() !== undefined);
  t.match(ended(), { level: 'warn', fields: { reason: 'not drained in time' } });
  const answer = await call(server, 'gate/spin', { label: 'after', ms: 1 });
  t.match(answer, { status: 200, body: { data: { label: 'after' } } });
  await untilWhole(server);
});

test('a call of a plugin that goes has all the time it was given, however short that of the others is', async (t) => {
  const held = call(server, 'gate/pass', { label: 'held' });
  await gate.entered('held');
  rmSync(join(server.folder, 'gate'), { recursive: true });
  await until('it is closed', async () => (await call(server, 'gate/spin')).status === 404);
  // What drains without long calls is given up after the server's deadline and a second.
  await pause(TIMEOUT + 1400);
  gate.open('held');
  t.match(await held, { status: 200 });
});
