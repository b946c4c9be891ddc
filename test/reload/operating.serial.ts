/** What operators do over the admin port, on a real server, and what is left of it after a restart. */
import tap, { test } from 'tap';
import type { ActionReport, PluginView } from '../../src/reload/control.ts';
import { call, until, untilWhole } from '../support/calls.ts';
import { greeter } from './greeter.ts';
import { placeWith, type ReloadingServer, startAt } from './reloading-server.ts';

const place = placeWith(tap, { 'greet/index.mjs': greeter('1.0.0') });
const WORKERS = { workers: 1 };
let server: ReloadingServer = await startAt(tap, place, WORKERS);
await untilWhole(server);

interface Reply {
  readonly status: number;
  readonly report: ActionReport;
}

async function act(action: string, body?: object): Promise<Reply> {
  const response = await fetch(`${server.adminUrl}/plugins/greet/${action}`, {
    method: 'POST',
    headers: { 'X-Hotlane-Admin': '1', 'Content-Type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
  return { status: response.status, report: (await response.json()) as ActionReport };
}

const answering = async (): Promise<unknown> => (await call(server, 'greet/hello', { n: 1 })).body['data'];

/** A second life over the same folders. */
async function restart(): Promise<void> {
  await server.stop();
  server = await startAt(tap, place, WORKERS);
}

test('a rollback goes to the version before, and is over when it is answered', async (t) => {
  server.save({ 'greet/index.mjs': greeter('2.0.0') });
  await server.untilServing('greet', '2.0.0');
  t.match(await act('rollback'), { status: 200, report: { outcome: 'rolled' } });
  t.strictSame(await answering(), { n: 1, from: '1.0.0' });
  t.match(server.plugin('greet'), { version: '1.0.0', pinned: true });
});

test('what was rolled back from stays away, also after a restart', async (t) => {
  const response = await fetch(`${server.adminUrl}/reload`, {
    method: 'POST',
    headers: { 'X-Hotlane-Admin': '1' },
  });
  t.match(await response.json(), { outcome: 'unchanged' });
  t.strictSame(await answering(), { n: 1, from: '1.0.0' });
  await restart();
  t.strictSame(await answering(), { n: 1, from: '1.0.0' });
  t.match(server.plugin('greet'), { version: '1.0.0', pinned: true });
});

test('a version is found by the beginning of its hash, and one that is not there is refused', async (t) => {
  const response = await fetch(`${server.adminUrl}/plugins/greet/versions`);
  const { versions } = (await response.json()) as { versions: { hash: string; active: boolean }[] };
  const other = versions.find(({ active }) => !active)?.hash.slice(0, 12);
  t.match(await act('rollback', { hash: other }), { status: 200, report: { outcome: 'rolled' } });
  t.strictSame(await answering(), { n: 1, from: '2.0.0' });
  t.match(await act('rollback', { hash: '0123456789' }), {
    status: 409,
    report: { outcome: 'refused', reason: /No version of this plugin is kept/ },
  });
});

test('the next save comes into service', async () => {
  server.save({ 'greet/index.mjs': greeter('3.0.0') });
  await server.untilServing('greet', '3.0.0');
});

test('calls to a deactivated plugin are told so, also after a restart, and served when it is activated', async (t) => {
  t.match(await act('deactivate'), { status: 200, report: { outcome: 'done' } });
  for (const life of ['first', 'second']) {
    if (life === 'second') await restart();
    const refused = await call(server, 'greet/hello', { n: 1 });
    t.match(refused, { status: 503, body: { status: 'error', code: 'PLUGIN_INACTIVE' } });
    t.equal(refused.headers.get('retry-after'), '10');
  }
  t.match(await act('activate'), { status: 200 });
  t.strictSame(await answering(), { n: 1, from: '3.0.0' });
  t.match(await act('deactivate'), { status: 200, report: { outcome: 'done' } });
  t.match(await act('activate'), { status: 200, report: { outcome: 'done' } }, 'no worker is touched');
  t.strictSame(await answering(), { n: 1, from: '3.0.0' });
});

test('an unloaded plugin is unknown to callers, and comes back when it is activated', async (t) => {
  t.match(await act('unload'), { status: 200, report: { outcome: 'rolled' } });
  t.match(await call(server, 'greet/hello', { n: 1 }), { status: 404, body: { code: 'UNKNOWN_PLUGIN' } });
  t.match(server.plugin('greet') satisfies PluginView | undefined, { state: 'UNLOADED' });
  t.match(await act('activate'), { status: 200, report: { outcome: 'rolled' } });
  await until('it serves', async () => JSON.stringify(await answering()) === '{"n":1,"from":"3.0.0"}');
});

test('an action on a plugin that is not there is refused', async (t) => {
  const response = await fetch(`${server.adminUrl}/plugins/nobody/rollback`, {
    method: 'POST',
    headers: { 'X-Hotlane-Admin': '1' },
  });
  t.equal(response.status, 404);
});
