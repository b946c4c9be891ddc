/** How changes of the plugin folder become rolls; with workers on paper. */
import { test } from 'tap';
import { NO_FOLDER, PaperHost } from './paper-host.ts';

test('a save is judged, rolled and routed, in this order', async (t) => {
  const host = await PaperHost.start(t, { greet: '1.0.0: hello' });
  t.strictSame(host.takeEvents(), ['probe greet@1.0.0', 'route greet: hello']);
  await host.save({ greet: '1.1.0: hello bye' });
  t.strictSame(host.takeEvents(), ['probe greet@1.1.0', 'roll greet@1.1.0', 'route greet: hello bye']);
  t.match(host.plugin('greet'), { state: 'ACTIVE', version: '1.1.0', tools: ['hello', 'bye'] });
  t.match(host.reports, [{ outcome: 'rolled', changes: [{ plugin: 'greet' }] }]);
});

test('the same content again is no change', async (t) => {
  const host = await PaperHost.start(t, { greet: '1.0.0: hello' });
  host.takeEvents();
  await host.save({ greet: '1.0.0: hello' });
  t.match(await host.reloader.reload(), { outcome: 'unchanged' });
  t.strictSame(host.takeEvents(), []);
});

test('plugins that change together come into service in one roll', async (t) => {
  const host = await PaperHost.start(t, { a: '1: x', b: '1: y' });
  host.takeEvents();
  await host.save({ a: '2: x', b: '2: y', c: '1: z' });
  t.strictSame(host.takeEvents(), [
    'probe a@2',
    'probe b@2',
    'probe c@1',
    'roll a@2, b@2, c@1',
    'route a: x b: y c: z',
  ]);
});

test('saves during a roll wait for its end, and only the last of them is rolled', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  host.takeEvents();
  const views = await Promise.all(['2', '3', '4'].map((code) => host.view({ greet: `${code}: hello` })));
  let rolls = 0;
  host.onRoll = () => {
    if (rolls++ === 0) for (const view of views.slice(1)) host.show(view);
    return undefined;
  };
  for (const view of views.slice(0, 1)) host.show(view);
  await host.idle();
  await host.idle();
  t.strictSame(
    host.takeEvents().filter((event) => event.startsWith('roll')),
    ['roll greet@2', 'roll greet@4'],
  );
});

test('what was saved anew while it was judged does not come into service first', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  host.takeEvents();
  const [second, third] = [await host.view({ greet: '2: hello' }), await host.view({ greet: '3: hello' })];
  host.onJudge = () => {
    host.onJudge = () => undefined;
    host.show(third);
  };
  host.show(second);
  await host.idle();
  await host.idle();
  t.strictSame(
    host.takeEvents().filter((event) => !event.startsWith('route')),
    ['probe greet@2', 'probe greet@3', 'roll greet@3'],
  );
  t.match(
    host.transitions.filter(({ version, to }) => version === '2' && to === 'INACTIVE'),
    [{ cause: 'newer content came while it was judged' }],
  );
});

test('an unfit candidate is refused, and the others go into service', async (t) => {
  const host = await PaperHost.start(t, { a: '1: x', b: '1: y' });
  await host.save({ a: '!no database', b: '2: y' });
  t.strictSame(host.running, ['a@1', 'b@2']);
  t.match(host.plugin('a'), {
    version: '1',
    state: 'ACTIVE',
    rejected: { problem: { step: 'init', reason: 'no database' } },
  });
  t.equal(host.plugin('b')?.rejected, undefined);
  t.match(host.reports, [
    { outcome: 'rejected', problems: [{ plugin: 'a', step: 'init', reason: 'no database' }] },
    { outcome: 'rolled', changes: [{ plugin: 'b' }] },
  ]);
  host.takeEvents();
  await host.save({ a: '!no database', b: '3: y' });
  t.strictSame(host.takeEvents(), ['probe b@3', 'roll a@1, b@3', 'route a: x b: y'], 'it is not tried again');
  await host.save({ a: '2: x', b: '3: y' });
  t.match(host.plugin('a'), { version: '2', rejected: undefined });
});

test('when a roll of several fails, each is rolled alone, and only the guilty one is refused', async (t) => {
  const host = await PaperHost.start(t, { a: '1: x', b: '1: y', c: '1: z' });
  host.takeEvents();
  const isNew = ({ name, entry }: { name: string; entry: string }): boolean =>
    name === 'b' && !entry.includes(String(host.plugin('b')?.hash));
  host.onRoll = ({ plugins }) => (plugins.some(isNew) ? 'b ends its thread' : undefined);
  await host.save({ a: '2: x', b: '2: y', c: '2: z' });
  t.strictSame(
    host.takeEvents().filter((event) => event.startsWith('roll')),
    ['roll a@2, b@2, c@2', 'roll a@2, b@1, c@1', 'roll a@2, b@2, c@1', 'roll a@2, b@1, c@2'],
  );
  t.strictSame(host.running, ['a@2', 'b@1', 'c@2']);
  t.match(host.plugin('b'), {
    version: '1',
    rejected: { problem: { step: 'roll', reason: 'b ends its thread' } },
  });
  t.strictSame(
    ['a', 'c'].map((name) => host.plugin(name)?.rejected),
    [undefined, undefined],
  );
  t.match(host.reports, [
    { outcome: 'rejected', problems: [{ plugin: 'b', step: 'roll', reason: 'b ends its thread' }] },
    { outcome: 'rolled', changes: [{ plugin: 'a' }, { plugin: 'c' }] },
  ]);
});

test('a tool that goes is closed first, and the roll waits until its waiting calls have been started', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello bye', other: '1: x' });
  host.takeEvents();
  host.waiting = 2;
  await host.save({ greet: '2: hello new', other: '1: x' });
  t.strictSame(host.takeEvents(), [
    'probe greet@2',
    'route greet: hello other: x',
    '2 wait for greet/bye',
    '1 wait for greet/bye',
    '0 wait for greet/bye',
    'roll greet@2, other@1',
    'route greet: hello new other: x',
  ]);
});

test('a plugin whose folder is gone is closed, then its workers go', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello', other: '1: x' });
  host.takeEvents();
  await host.save({ other: '1: x' });
  t.strictSame(host.takeEvents(), [
    'route other: x',
    '0 wait for greet/hello',
    'roll other@1',
    'route other: x',
  ]);
  t.equal(host.plugin('greet'), undefined);
  t.match(host.transitions.at(-1), { plugin: 'greet', to: 'UNLOADED', cause: 'its folder is gone' });
});

test('a failed roll opens the tools again that were to go', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello bye' });
  host.takeEvents();
  host.onRoll = () => 'a worker did not start';
  await host.save({ greet: '2: hello' });
  t.strictSame(host.takeEvents(), [
    'probe greet@2',
    'route greet: hello',
    '0 wait for greet/bye',
    'roll greet@2',
    'route greet: hello bye',
  ]);
  t.match(host.reports, [{ outcome: 'rolled-back', reason: 'a worker did not start' }]);
});

test('a plugin folder that is gone removes nothing', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  host.takeEvents();
  host.show(NO_FOLDER);
  await host.idle();
  t.strictSame(host.takeEvents(), []);
  t.match(host.plugin('greet'), { state: 'ACTIVE' });
  t.match(await host.reloader.reload(), { outcome: 'refused', reason: 'it is not there' });
  t.ok(host.lines.some(({ level, message }) => level === 'error' && /cannot be read/.test(message)));
});

test('a file that cannot be read is told as what it is, whether or not its plugin serves', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  const whole = await host.view({ greet: '1: hello' });
  const failures = ['greet', 'new'].map((name) => ({
    name,
    reason: `${name}.ts is a link`,
    stack: undefined,
  }));
  host.show({ ...whole, versions: new Map(), failures });
  await host.idle();
  t.match(host.plugin('greet'), {
    state: 'ACTIVE',
    rejected: { problem: { step: 'read', reason: 'greet.ts is a link' } },
  });
  t.match(host.plugin('new'), {
    state: 'FAILED',
    rejected: { problem: { step: 'read', reason: 'new.ts is a link' } },
  });
  host.show(whole);
  await host.idle();
  t.match(host.plugin('greet'), { state: 'ACTIVE', rejected: undefined });
  t.equal(host.plugin('new'), undefined);
});

test('a second file that claims the name of a plugin is told, and the first one serves on and changes', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  const failures = [{ name: 'greet', reason: 'two plugins have this name', stack: undefined }];
  host.show({ ...(await host.view({ greet: '2: hello' })), failures });
  await host.idle();
  t.match(host.plugin('greet'), {
    version: '2',
    rejected: { problem: { reason: 'two plugins have this name' } },
  });
});

test('what operators ask for after the stop is refused', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  host.reloader.close();
  t.match(await host.reloader.reload(), { outcome: 'refused', reason: 'the server is stopping' });
  t.match(await host.reloader.unload('greet'), { outcome: 'refused', reason: 'the server is stopping' });
});
