/** An old worker that is caught in a call while it drains; the time it could have to drain is much longer. */
import tap, { test } from 'tap';
import { call, until, untilWhole } from '../support/calls.ts';
import { Gate } from '../support/gate.ts';
import { gatekeeper } from './gatekeeper.ts';
import { startReloading } from './reloading-server.ts';

/** Long enough for the drain to begin before it. */
const TIMEOUT = 2000;
const settings = { workers: 1, timeoutMs: TIMEOUT, stuckGraceMs: 300 };
const server = await startReloading(tap, gatekeeper('1.0.0'), settings);
const gate = new Gate();
tap.teardown(() => gate.close());

test('a worker that is stuck while it drains is ended like any other that is stuck', async (t) => {
  await untilWhole(server);
  const endless = call(server, 'gate/spin', { label: 'endless', ms: 60_000 });
  await gate.entered('endless');
  server.save(gatekeeper('2.0.0'));
  t.match(await endless, { status: 504, body: { code: 'DEADLINE_EXCEEDED' } });
  await server.untilServing('gate', '2.0.0');
  const ended = (): unknown => server.log.find(({ message }) => message === 'worker ended');
  await until('the old worker has ended', () => ended() !== undefined);
  t.match(ended(), { level: 'warn', fields: { reason: /^stuck/ } });
  t.match(await call(server, 'gate/spin', { label: 'after', ms: 1 }), { status: 200 });
  await untilWhole(server);
});
