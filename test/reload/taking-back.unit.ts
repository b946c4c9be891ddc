/** New code that came into service and showed itself unfit by its first calls; with workers on paper. */
import { type Test, test } from 'tap';
import { PaperHost } from './paper-host.ts';

async function saved(t: Test): Promise<PaperHost> {
  const host = await PaperHost.start(t, { greet: '1: hello', other: '1: x' });
  await host.save({ greet: '2: hello', other: '1: x' });
  host.takeEvents();
  return host;
}

test('a worker lost on the first calls of new code takes it back', async (t) => {
  const host = await saved(t);
  await host.loseWorker('process.exit was called');
  t.strictSame(host.running, ['greet@1', 'other@1']);
  t.match(host.plugin('greet'), {
    version: '1',
    rejected: {
      problem: {
        step: 'first calls',
        reason: 'a worker was lost on its first calls: process.exit was called',
      },
    },
  });
  t.match(
    host.lines.find(({ message }) => message === 'the new version is taken back'),
    { level: 'error', fields: { plugin: 'greet', reason: /process\.exit was called/ } },
  );
});

test('what was taken back is not tried again by itself, the next save is', async (t) => {
  const host = await saved(t);
  await host.loseWorker('it crashed');
  await host.save({ greet: '2: hello', other: '2: x' });
  t.strictSame(host.running, ['greet@1', 'other@2']);
  await host.save({ greet: '3: hello', other: '2: x' });
  t.strictSame(host.running, ['greet@3', 'other@2']);
  t.equal(host.plugin('greet')?.rejected, undefined);
});

test('after that, a lost worker is not blamed on the version that is proven', async (t) => {
  const host = await saved(t);
  await host.loseWorker('it crashed');
  await host.loseWorker('it crashed again');
  t.strictSame(host.running, ['greet@1', 'other@1'], 'never back to what was taken back');
});

test('nor does a rollback lead to what was taken back', async (t) => {
  const host = await saved(t);
  await host.loseWorker('it crashed');
  t.match(await host.reloader.rollback('greet'), { outcome: 'refused' });
  t.strictSame(host.running, ['greet@1', 'other@1']);
});

test('a version an operator has chosen is not taken back', async (t) => {
  const host = await saved(t);
  await host.reloader.rollback('greet');
  await host.loseWorker('it crashed');
  t.strictSame(host.running, ['greet@1', 'other@1']);
});

test('a worker lost in the middle of the roll on new code ends the roll', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  host.onRoll = (to) => {
    host.reloader.workerLost({ deployment: to, reason: 'it crashed', culprit: undefined });
    return undefined;
  };
  await host.save({ greet: '2: hello' });
  t.strictSame(host.running, ['greet@1']);
  t.match(host.reports, [
    { outcome: 'rolled-back', reason: 'a worker was lost on its first calls: it crashed' },
  ]);
});

test('a worker lost in the middle of the roll on old code does not', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  host.onRoll = () => {
    host.reloader.workerLost({ deployment: host.deployment, reason: 'it crashed', culprit: undefined });
    return undefined;
  };
  await host.save({ greet: '2: hello' });
  t.strictSame(host.running, ['greet@2']);
});

test('a plugin without an earlier version serves on, whatever happens', async (t) => {
  const host = await PaperHost.start(t, { greet: '1: hello' });
  host.takeEvents();
  await host.loseWorker('it crashed');
  t.strictSame(host.takeEvents(), []);
  t.match(host.plugin('greet'), { state: 'ACTIVE' });
});
