/** Saved files come into service under traffic, and no request is lost. */
import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import tap, { test } from 'tap';
import { call, metricsOf, until, untilWhole } from '../support/calls.ts';
import { type Family, parseExposition } from '../support/exposition.ts';
import { greeter } from './greeter.ts';
import { startReloading } from './reloading-server.ts';
import { underTraffic } from './under-traffic.ts';

const server = await startReloading(tap, { 'greet/index.mjs': greeter('1.0.0') });
await untilWhole(server);

const saveGreeter = (version: string): void => server.save({ 'greet/index.mjs': greeter(version) });

test('after a save the answers come from the new version', async (t) => {
  const versions = await underTraffic(t, server, async (traffic) => {
    saveGreeter('1.0.1');
    await server.untilServing('greet', '1.0.1');
    await until('the traffic has an answer of it', () => traffic.versions.size > 1);
  });
  t.equal(versions.length, 2);
  t.match(versions[0], /^1\.0\.0@[0-9a-f]{12}$/);
  t.match(versions[1], new RegExp(`^1\\.0\\.1@${server.plugin('greet')?.hash?.slice(0, 12)}$`));
  const answer = await call(server, 'greet/hello', { n: 7 });
  t.match(answer.body, { status: 'success', data: { n: 7, from: '1.0.1' } });
  t.equal(answer.headers.get('x-plugin-version'), versions[1]);
});

test('saves faster than rolls: some are passed over, the last one serves', async (t) => {
  const begun = server.reports.length;
  const versions = await underTraffic(t, server, async (traffic) => {
    for (let n = 0; n <= 30; n++) {
      saveGreeter(`1.2.${n}`);
      await pause(40);
    }
    await server.untilServing('greet', '1.2.30');
    const answers = (): boolean => [...traffic.versions].some((one) => one.startsWith('1.2.30@'));
    await until('the traffic has an answer of it', answers);
  });
  t.match(versions.at(-1), /^1\.2\.30@/);
  t.ok(server.reports.length - begun < 30, `${server.reports.length - begun} rolls for 31 saves`);
});

test('a touched file is no change', async (t) => {
  t.match(await server.control.reload(), { outcome: 'unchanged' }, 'nothing is under way');
  const begun = server.reports.length;
  const { hash, since } = server.plugin('greet') ?? {};
  utimesSync(join(server.folder, 'greet/index.mjs'), new Date(), new Date());
  t.match(await server.control.reload(), { outcome: 'unchanged' });
  t.match(server.plugin('greet'), { hash, since });
  t.equal(server.reports.length, begun);
});

test('plugins saved together come into service in one roll, and are called at once', async (t) => {
  const begun = server.reports.length;
  const names = ['a', 'b', 'c', 'd', 'e'];
  await underTraffic(t, server, async () => {
    server.save(Object.fromEntries(names.map((name) => [`${name}/index.mjs`, greeter('1.0.0', { name })])));
    await until('they are told', () => server.reports.length > begun);
  });
  t.match(server.reports.slice(begun), [
    { outcome: 'rolled', changes: names.map((plugin) => ({ plugin, from: undefined })) },
  ]);
  for (const name of names) t.equal((await call(server, `${name}/hello`, { n: 1 })).status, 200);
});

test('plugins whose folders are deleted are unknown', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  await underTraffic(t, server, async () => {
    for (const name of names) rmSync(join(server.folder, name), { recursive: true });
    await until('they are gone', () => server.control.plugins().length === 1);
  });
  const answer = await call(server, 'a/hello', { n: 1 });
  t.match(answer, { status: 404, body: { code: 'UNKNOWN_PLUGIN' } });
});

test('all of this is counted, and no counter goes down over a roll', async (t) => {
  const before = await families();
  const metrics = await metricsOf(server);
  saveGreeter('1.3.0');
  await server.untilServing('greet', '1.3.0');
  await until(
    'it is told',
    async () => (await generation()) > (metrics.get('hotlane_worker_generation') ?? 0),
  );
  const after = await families();
  for (const { name, samples } of before.filter(({ type }) => type !== 'gauge')) {
    for (const { name: sample, labels, value } of samples) {
      const now = after
        .find((family) => family.name === name)
        ?.samples.find((one) => one.name === sample && JSON.stringify(one.labels) === JSON.stringify(labels));
      if (now === undefined || now.value < value) t.fail(`${sample} went down`, { labels, value, now });
    }
  }
  const now = await metricsOf(server);
  const rolled = server.reports.filter(({ outcome }) => outcome === 'rolled').length;
  t.equal(now.get('hotlane_reloads_total{outcome="rolled"}'), rolled);
  t.equal(now.get('hotlane_reload_duration_seconds_count'), rolled);
  t.ok((now.get('hotlane_reload_duration_seconds_sum') ?? 0) > 0);
  t.equal(now.get('hotlane_worker_generation'), rolled + 1);
  const hash = server.plugin('greet')?.hash?.slice(0, 12);
  t.equal(
    now.get(`hotlane_plugin_info{plugin="greet",version="1.3.0",hash="${hash}",state="ACTIVE"}`),
    1,
    'the version that serves, and no other',
  );
  t.equal([...now.keys()].filter((key) => key.startsWith('hotlane_plugin_info')).length, 1);
  t.equal(now.get('hotlane_worker_crashes_total'), 0);
});

async function generation(): Promise<number> {
  return (await metricsOf(server)).get('hotlane_worker_generation') ?? 0;
}

async function families(): Promise<readonly Family[]> {
  return parseExposition(await (await fetch(`${server.adminUrl}/metrics`)).text());
}
