import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { plainFork } from '../support/plain-node.ts';
import type { Order, Start } from './refreshing-process.ts';
import { consent, MINUTE, newScene, shown, storeAt, withEachStore } from './scene.ts';

const PROGRAM = fileURLToPath(new URL('refreshing-process.ts', import.meta.url));
const ROUNDS = 50;
const LEASE_MS = 1000;

withEachStore(test, async (each, newPlace) => {
  const place = newPlace();
  const scene = await newScene(each, storeAt(place));
  const { service, provider, clock } = scene;
  await consent(scene, '1');
  const start = { place, providerUrl: provider.url };
  const [one, other] = await Promise.all([startProcess(each, start), startProcess(each, start)]);

  await each.test(
    'two processes that refresh at once make one refresh, and both get the live token',
    async (t) => {
      const wrong: string[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        clock.now += 15 * MINUTE;
        const order = { user: '1', now: clock.now, leaseMs: 30_000 };
        const [token, same] = await Promise.all([tokenFrom(one, order), tokenFrom(other, order)]);
        if (same !== token || !provider.isLive(token) || provider.refreshes !== round)
          wrong.push(`round ${round}: ${token}, ${same}, ${provider.refreshes} refreshes`);
      }
      t.strictSame(wrong, []);
      t.equal(provider.refreshes, ROUNDS);
    },
  );

  await each.test(
    'a process that dies while it refreshes holds the others up until its lease ends',
    async (t) => {
      clock.now += 15 * MINUTE;
      const asked = Promise.withResolvers<void>();
      provider.handler = () => asked.resolve();
      const began = performance.now();
      one.send({ user: '1', now: clock.now, leaseMs: LEASE_MS } satisfies Order);
      await asked.promise;
      one.kill('SIGKILL');
      await once(one, 'exit');
      provider.handler = undefined;
      t.ok(provider.isLive(shown(await service.accessToken('1'))));
      t.equal(provider.refreshes, ROUNDS + 1);
      t.ok(performance.now() - began >= LEASE_MS - 10, 'not before');
    },
  );
});

async function startProcess(t: Test, start: Start): Promise<ChildProcess> {
  const child = fork(PROGRAM, [JSON.stringify(start)], plainFork());
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  });
  await once(child, 'message');
  return child;
}

async function tokenFrom(child: ChildProcess, order: Order): Promise<string> {
  const reply = once(child, 'message');
  child.send(order);
  return String((await reply)[0]);
}
