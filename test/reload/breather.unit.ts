/** Rolls that saved files cause do not follow upon one another without a rest. */
import { type Test, test } from 'tap';
import { Breather } from '../../src/reload/breather.ts';
import { ownFolder } from '../support/own-folder.ts';
import { PaperHost } from './paper-host.ts';

/** Longer than a test takes. */
const LONG = 60_000;
const SHORT = 50;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function startWith(t: Test, breatherMs: number): Promise<PaperHost> {
  return PaperHost.start(t, { greet: '1: hello' }, ownFolder(t, {}), breatherMs);
}

const rollsOf = (host: PaperHost) => host.takeEvents().filter((event) => event.startsWith('roll '));

test('the first save rolls at once, what is saved after it does not', async (t) => {
  const host = await startWith(t, LONG);
  await host.save({ greet: '2: hello' });
  t.strictSame(host.running, ['greet@2']);
  await host.save({ greet: '3: hello' });
  t.strictSame(host.running, ['greet@2']);
});

test('what is saved during a roll is rolled when calls have had the processor to themselves for a while', async (t) => {
  const host = await startWith(t, SHORT);
  const [second, third] = [await host.view({ greet: '2: hello' }), await host.view({ greet: '3: hello' })];
  const times: number[] = [];
  host.onRoll = () => {
    if (times.push(performance.now()) === 1) host.show(third);
    return undefined;
  };
  host.show(second);
  while (host.running[0] !== 'greet@3') await sleep(5);
  const [first = 0, next = 0] = times;
  t.ok(next - first >= SHORT, `${next - first} ms later`);
});

test('of what is saved meanwhile the last is rolled, and nothing else', async (t) => {
  const host = await startWith(t, SHORT);
  const view = (version: number) => host.view({ greet: `${version}: hello` });
  const [second, third] = [await view(2), await view(3)];
  const later = [await view(4), await view(5)];
  host.onRoll = () => {
    if (host.reports.length === 0) host.show(third);
    return undefined;
  };
  host.onReport = () => {
    if (host.reports.length === 1) for (const one of later) host.show(one);
  };
  host.show(second);
  while (host.running[0] !== 'greet@5') await sleep(5);
  t.strictSame(rollsOf(host), ['roll greet@2', 'roll greet@5']);
});

test('operators do not wait', async (t) => {
  const host = await startWith(t, LONG);
  await host.save({ greet: '2: hello' });
  await host.save({ greet: '3: hello' });
  t.match(await host.reloader.reload(), { outcome: 'rolled' });
  t.strictSame(host.running, ['greet@3']);
  t.match(await host.reloader.rollback('greet'), { outcome: 'rolled' });
  t.strictSame(host.running, ['greet@2']);
});

test('a good version after a refused one does not wait', async (t) => {
  const host = await startWith(t, LONG);
  await host.save({ greet: '!it throws' });
  t.ok(host.plugin('greet')?.rejected);
  await host.save({ greet: '2: hello' });
  t.strictSame(host.running, ['greet@2']);
});

test('what waits when the server stops is not done', async (t) => {
  const breather = new Breather(SHORT);
  t.ok(breather.isOver, 'there was no roll');
  breather.begin();
  breather.afterwards(() => t.fail('it was done after the end'));
  breather.close();
  await sleep(2 * SHORT);
});
