/** What operators do to plugins, and what that does to later saves; with workers on paper. */
import { type Test, test } from 'tap';
import { contentWith } from '../registry/contents.ts';
import { ownFolder } from '../support/own-folder.ts';
import { PaperHost } from './paper-host.ts';

/** A server on which versions 1 and then 2, 3, … of `greet` were saved, one after the other. */
async function after(t: Test, saves: number): Promise<PaperHost> {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  for (let n = 2; n <= saves; n++) await host.save({ greet: `${n}: hello` });
  host.takeEvents();
  return host;
}

async function hashOf(version: number): Promise<string> {
  return (await contentWith(`${version}: hello`, 'greet')).hash;
}

test('a rollback goes to the version before, without judging it again', async (t) => {
  const host = await after(t, 3);
  t.match(await host.reloader.rollback('greet'), {
    outcome: 'rolled',
    changes: [{ plugin: 'greet', from: await hashOf(3), to: await hashOf(2) }],
  });
  t.strictSame(host.takeEvents(), ['roll greet@2', 'route greet: hello']);
  t.match(host.plugin('greet'), { version: '2', pinned: true });
});

test('a rollback goes to the version that is named by the beginning of its hash', async (t) => {
  const host = await after(t, 3);
  t.match(await host.reloader.rollback('greet', (await hashOf(1)).slice(0, 12)), { outcome: 'rolled' });
  t.strictSame(host.running, ['greet@1']);
  t.match(await host.reloader.rollback('greet', await hashOf(1)), { outcome: 'unchanged' });
});

test('a rollback that leads nowhere is refused with the reason', async (t) => {
  const host = await after(t, 1);
  const { reloader } = host;
  t.match(await reloader.rollback('greet'), {
    outcome: 'refused',
    reason: 'there is no earlier good version of greet',
  });
  t.match(await reloader.rollback('greet', 'abcdef012345'), { outcome: 'refused', reason: /No version/ });
  t.match(await reloader.rollback('greet', 'abc'), { outcome: 'refused', reason: /six|digits/i });
  t.match(await reloader.rollback('nobody'), { outcome: 'refused', reason: /nobody does not serve/ });
  t.match(await reloader.rollback('../greet', 'abcdef012345'), { outcome: 'refused' });
  t.strictSame(host.takeEvents(), []);
});

test('a second rollback goes further back, not forward again to what was left', async (t) => {
  const host = await after(t, 3);
  for (const version of [1, 2]) await markGood(host, version);
  await host.reloader.rollback('greet');
  t.match(await host.reloader.rollback('greet'), { outcome: 'rolled' });
  t.strictSame(host.running, ['greet@1']);
  t.match(await host.reloader.rollback('greet'), { outcome: 'refused' }, 'there is nothing before the first');
});

/** As if it had come through its probation. */
async function markGood(host: PaperHost, version: number): Promise<void> {
  await host.store.markGood('greet', (await contentWith(`${version}: hello`, 'greet')).hash);
}

test('what was rolled back from is not picked up again, the next save is', async (t) => {
  const host = await after(t, 2);
  await host.reloader.rollback('greet');
  await host.save({ greet: '2: hello', other: '1: x' });
  t.strictSame(host.running, ['greet@1', 'other@1']);
  t.match(await host.reloader.reload(), { outcome: 'unchanged' });
  t.match(await host.reloader.reload('greet'), { outcome: 'unchanged' });
  await host.save({ greet: '3: hello', other: '1: x' });
  t.strictSame(host.running, ['greet@3', 'other@1']);
  t.match(host.plugin('greet'), { pinned: false });
  t.match(await host.store.history('greet'), { pin: undefined });
});

test('a rollback that fails pins nothing', async (t) => {
  const host = await after(t, 2);
  host.onRoll = () => 'a worker did not start';
  t.match(await host.reloader.rollback('greet'), { outcome: 'rolled-back' });
  t.match(host.plugin('greet'), { version: '2', pinned: false });
  t.match(await host.store.history('greet'), { pin: undefined });
});

test('going forward again to what the folder holds ends the pin', async (t) => {
  const host = await after(t, 2);
  await host.reloader.rollback('greet');
  t.match(await host.reloader.rollback('greet', await hashOf(2)), { outcome: 'rolled' });
  t.match(host.plugin('greet'), { version: '2', pinned: false });
  t.match(await host.store.history('greet'), { pin: undefined });
});

test('a pin outlives the process, and the next save ends it', async (t) => {
  const state = ownFolder(t, {});
  const first = await PaperHost.start(t, { greet: '1: hello' }, state);
  await first.save({ greet: '2: hello' });
  await first.reloader.rollback('greet');

  const second = await PaperHost.start(t, { greet: '2: hello' }, state);
  t.strictSame(second.running, ['greet@1']);
  t.match(second.plugin('greet'), { pinned: true });
  await second.save({ greet: '3: hello' });
  t.strictSame(second.running, ['greet@3']);

  const third = await PaperHost.start(t, { greet: '3: hello' }, state);
  t.strictSame(third.running, ['greet@3']);
  t.match(third.plugin('greet'), { pinned: false });
});

test('a save while the server was off ends the pin, too', async (t) => {
  const state = ownFolder(t, {});
  const first = await PaperHost.start(t, { greet: '1: hello' }, state);
  await first.save({ greet: '2: hello' });
  await first.reloader.rollback('greet');
  const second = await PaperHost.start(t, { greet: '3: hello' }, state);
  t.strictSame(second.running, ['greet@3']);
  t.match(second.plugin('greet'), { pinned: false });
});

test('a plugin that is switched off is not called, its saves wait, and it comes back with the last', async (t) => {
  const host = await after(t, 1);
  const { reloader } = host;
  t.match(await reloader.deactivate('greet'), { outcome: 'done' });
  t.strictSame(host.takeEvents(), ['route greet off'], 'no worker is touched');
  t.match(host.plugin('greet'), { state: 'INACTIVE' });
  t.match(await reloader.deactivate('greet'), { outcome: 'unchanged' });
  await host.save({ greet: '2: hello' });
  await host.save({ greet: '3: hello' });
  t.strictSame(host.takeEvents(), []);
  t.match(await reloader.activate('greet'), { outcome: 'rolled' });
  t.strictSame(host.running, ['greet@3']);
  t.match(host.plugin('greet'), { state: 'ACTIVE' });
  t.match(await reloader.activate('greet'), { outcome: 'unchanged' });
});

test('a plugin that is switched off can be rolled back, stays off, and comes back on the older version', async (t) => {
  const host = await after(t, 2);
  const { reloader } = host;
  await reloader.deactivate('greet');
  t.match(await reloader.rollback('greet'), { outcome: 'rolled' });
  t.match(host.plugin('greet'), { state: 'INACTIVE', version: '1' });
  t.equal(host.takeEvents().at(-1), 'route greet off');
  t.match(await reloader.activate('greet'), { outcome: 'done' });
  t.match(host.plugin('greet'), { state: 'ACTIVE', version: '1' });
  t.equal(host.takeEvents().at(-1), 'route greet: hello');
});

test('a plugin that is switched off stays off over a restart, and comes back with what was saved meanwhile', async (t) => {
  const state = ownFolder(t, {});
  const first = await PaperHost.start(t, { greet: '1: hello' }, state);
  await markGood(first, 1);
  await first.reloader.deactivate('greet');
  const second = await PaperHost.start(t, { greet: '2: hello' }, state);
  t.match(second.plugin('greet'), { state: 'INACTIVE', version: '1' });
  t.equal(second.takeEvents().at(-1), 'route greet off');
  t.match(await second.reloader.activate('greet'), { outcome: 'rolled' });
  t.match(second.plugin('greet'), { state: 'ACTIVE', version: '2' });

  const third = await PaperHost.start(t, { greet: '2: hello' }, state);
  t.match(third.plugin('greet'), { state: 'ACTIVE' });
});

test('a plugin that is unloaded stays so over a restart, and comes back on the version that was chosen', async (t) => {
  const state = ownFolder(t, {});
  const first = await PaperHost.start(t, { greet: '1: hello' }, state);
  await first.save({ greet: '2: hello' });
  await first.reloader.rollback('greet');
  await first.reloader.unload('greet');
  const restarted = new Date().toISOString();
  const second = await PaperHost.start(t, { greet: '2: hello' }, state);
  t.strictSame(second.running, []);
  t.match(second.plugin('greet'), { state: 'UNLOADED', pinned: true });
  t.ok((second.plugin('greet')?.since ?? '') >= restarted, 'as far as this server knows');
  t.match(await second.reloader.activate('greet'), { outcome: 'rolled' });
  t.strictSame(second.running, ['greet@1']);
});

test('an unload that fails is not remembered', async (t) => {
  const state = ownFolder(t, {});
  const first = await PaperHost.start(t, { greet: '1: hello' }, state);
  first.onRoll = () => 'a worker did not start';
  await first.reloader.unload('greet');
  const second = await PaperHost.start(t, { greet: '1: hello' }, state);
  t.match(second.plugin('greet'), { state: 'ACTIVE' });
});

test('a plugin that is deleted and comes again has been switched off by nobody', async (t) => {
  const state = ownFolder(t, {});
  const first = await PaperHost.start(t, { greet: '1: hello' }, state);
  await first.reloader.deactivate('greet');
  await first.save({});
  await first.save({ greet: '1: hello' });
  t.match(first.plugin('greet'), { state: 'ACTIVE' });
  const second = await PaperHost.start(t, { greet: '1: hello' }, state);
  t.match(second.plugin('greet'), { state: 'ACTIVE' });
});

test('a plugin that is unloaded stays so through saves, and comes back with what the folder holds', async (t) => {
  const host = await after(t, 1);
  const { reloader } = host;
  const before = new Date().toISOString();
  t.match(await reloader.unload('greet'), { outcome: 'rolled' });
  t.strictSame(host.running, []);
  t.match(host.plugin('greet'), { state: 'UNLOADED' });
  const since = host.plugin('greet')?.since ?? '';
  t.ok(since >= before && since <= new Date().toISOString(), `unloaded since ${since}`);
  t.match(await reloader.unload('greet'), { outcome: 'refused', reason: 'greet is not loaded' });
  await host.save({ greet: '2: hello' });
  t.strictSame(host.running, []);
  t.match(await reloader.activate('greet'), { outcome: 'rolled' });
  t.strictSame(host.running, ['greet@2']);
});

test('an unload that fails leaves the plugin as it was', async (t) => {
  const host = await after(t, 1);
  host.onRoll = () => 'a worker did not start';
  t.match(await host.reloader.unload('greet'), { outcome: 'rolled-back' });
  t.match(host.plugin('greet'), { state: 'ACTIVE' });
  host.onRoll = () => undefined;
  await host.save({ greet: '2: hello' });
  t.strictSame(host.running, ['greet@2']);
});

test('what was refused is tried again when an operator asks for it', async (t) => {
  const host = await after(t, 1);
  host.onRoll = () => 'there is no memory left';
  await host.save({ greet: '2: hello' });
  t.match(host.plugin('greet'), { version: '1', rejected: { problem: { step: 'roll' } } });
  host.onRoll = () => undefined;
  t.match(await host.reloader.reload('greet'), { outcome: 'rolled' });
  t.match(host.plugin('greet'), { version: '2', rejected: undefined });
});

test('a reload of one plugin tells of that one, and of an unknown one that it is unknown', async (t) => {
  const host = await PaperHost.start(t, { a: '1: x', b: '1: y' });
  host.show(await host.view({ a: '2: x', b: '!no database' }));
  t.match(await host.reloader.reload('nobody'), { outcome: 'refused', reason: 'there is no plugin nobody' });
  t.match(await host.reloader.reload('b'), { outcome: 'rejected', problems: [{ plugin: 'b' }] });
  t.match(await host.reloader.reload('a'), { outcome: 'unchanged' });
});

test('kept versions are listed newest first, with what is known of them', async (t) => {
  const host = await after(t, 3);
  await markGood(host, 1);
  t.match(await host.reloader.versions('greet'), [
    { version: '3', hash: await hashOf(3), good: false, active: true },
    { version: '2', hash: await hashOf(2), good: false, active: false },
    { version: '1', hash: await hashOf(1), good: true, active: false },
  ]);
  t.equal(await host.reloader.versions('nobody'), undefined);
});

test('every move of every version is in the journal, in an order the table allows', async (t) => {
  const host = await after(t, 3);
  const { reloader } = host;
  await host.save({ greet: '!no database' });
  await reloader.rollback('greet');
  await reloader.deactivate('greet');
  await reloader.activate('greet');
  await reloader.unload('greet');
  const moves = [
    '3 ACTIVE, 2 INACTIVE, 2 UNLOADING, 2 UNLOADED',
    '? LOADING, ? INACTIVE',
    '2 LOADING, 2 ACTIVE, 3 INACTIVE, 3 UNLOADING, 3 UNLOADED',
    '2 INACTIVE, 2 LOADING, 2 ACTIVE',
    '2 INACTIVE, 2 UNLOADING, 2 UNLOADED',
  ];
  const told = host.transitions.map(({ version, to }) => `${version} ${to}`);
  t.equal(told.slice(-17).join(', '), moves.join(', '));
});
