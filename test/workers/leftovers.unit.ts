import { createServer, type Server } from 'node:net';
import { test } from 'tap';
import type { VersionId } from '../../src/core/brand.ts';
import type { BoundTool } from '../../workers/bind-tools.ts';
import { Leftovers } from '../../workers/leftovers.ts';
import { noOutbound } from '../support/outbound.ts';
import { plainTool } from '../support/plain-tool.ts';

function tool(plugin: string, run: Partial<Pick<BoundTool, 'hasRun' | 'unsettled'>> = {}): BoundTool {
  return {
    plugin,
    name: 'do',
    summary: 'do',
    timeoutMs: undefined,
    idempotent: false,
    checkInput: () => undefined,
    checkOutput: () => undefined,
    execute: () => ({}),
    isAsync: false,
    version: 1 as VersionId,
    hasRun: false,
    unsettled: 0,
    outbound: noOutbound(),
    ...plainTool,
    ...run,
  };
}

const listening = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });

test('a timer that init started and dispose forgot is laid at the door of its plugin', async (t) => {
  const leftovers = new Leftovers();
  await leftovers.whileLoading('tidy', async () => undefined);
  const timer = await leftovers.whileLoading('leaky', async () => setInterval(() => undefined, 1000));
  t.strictSame(await leftovers.find([tool('tidy', { hasRun: true }), tool('leaky')]), [
    { plugins: ['leaky'], what: '1 Timeout' },
  ]);
  clearInterval(timer);
  t.strictSame(await leftovers.find([]), [], 'what is given back is not counted');
});

test('where two plugins took the same, both are named', async (t) => {
  const leftovers = new Leftovers();
  const timers = [];
  for (const plugin of ['a', 'b']) {
    timers.push(await leftovers.whileLoading(plugin, async () => setInterval(() => undefined, 1000)));
  }
  clearInterval(timers[0]);
  t.strictSame(await leftovers.find([]), [{ plugins: ['a', 'b'], what: '1 Timeout' }]);
  clearInterval(timers[1]);
});

test('what was opened by calls is laid at the door of those that have run calls', async (t) => {
  const leftovers = new Leftovers();
  const server = createServer();
  await listening(server);
  t.strictSame(await leftovers.find([tool('idle'), tool('busy', { hasRun: true }), undefined]), [
    { plugins: ['busy'], what: '1 TCPServerWrap' },
  ]);
  server.close();
});

test('calls that were given up and never settled are counted', async (t) => {
  const leftovers = new Leftovers();
  t.strictSame(await leftovers.find([tool('slow', { hasRun: true, unsettled: 2 })]), [
    { plugins: ['slow'], what: '2 calls of do that never settled' },
  ]);
});
