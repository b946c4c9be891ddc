/** The real command in a process of its own, which may write no large files for a time. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { call, until } from '../support/calls.ts';
import { plainNode } from '../support/plain-node.ts';
import { greeter } from './greeter.ts';
import { placeWith } from './reloading-server.ts';

const executable = fileURLToPath(new URL('../../src/cli/hotlane.js', import.meta.url));
const hasPrlimit = spawnSync('prlimit', ['--version']).error === undefined;

test('without room for a version the old one serves on and it is told; with room the new one comes', {
  skip: hasPrlimit ? false : 'there is no prlimit',
}, async (t) => {
  const place = placeWith(t, { 'greet/index.mjs': greeter('1.0.0') });
  const ports = ['--port', '0', '--admin-port', '0'];
  const folders = ['--plugins', place.folder, '--state-dir', place.stateDir];
  // Not with tap's loader: that listens for signals, also for the one that Node ignores.
  const child = spawn(...plainNode(executable, 'start', '--workers', '1', ...ports, ...folders), {
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const log: Record<string, unknown>[] = [];
  createInterface(child.stderr).on('line', (line) => log.push(JSON.parse(line)));
  const lineWith = (field: string): Record<string, unknown> | undefined =>
    log.find((line) => line[field] !== undefined);
  await until('it serves', () => lineWith('url') !== undefined);
  const server = { url: String(lineWith('url')?.['url']) };
  const plugin = async (): Promise<unknown> =>
    (await fetch(`${String(lineWith('adminUrl')?.['adminUrl'])}/plugins/greet`)).json();
  const limitFiles = (bytes: string): void => {
    const { status } = spawnSync('prlimit', ['--pid', `${child.pid}`, `--fsize=${bytes}`]);
    t.equal(status, 0, `files of ${bytes} bytes`);
  };

  limitFiles('65536:unlimited');
  place.save({ 'greet/index.mjs': greeter('2.0.0'), 'greet/table.txt': 'x'.repeat(200_000) });
  await until('it is told', () => lineWith('plugin') !== undefined);
  const reason = /^There is no room for another version; free disk space/;
  t.match(lineWith('plugin'), { level: 'error', msg: 'plugin left out', plugin: 'greet', reason });
  t.match(await plugin(), {
    state: 'ACTIVE',
    version: '1.0.0',
    rejected: { problem: { step: 'read', reason } },
  });
  t.match(await call(server, 'greet/hello', { n: 1 }), { body: { data: { n: 1, from: '1.0.0' } } });

  limitFiles('unlimited');
  await until('the new one serves', async () => {
    const { body } = await call(server, 'greet/hello', { n: 2 });
    return JSON.stringify(body['data']) === '{"n":2,"from":"2.0.0"}';
  });
  t.notMatch(await plugin(), { rejected: {} });
  child.kill('SIGTERM');
  t.strictSame(await exited, [0, null]);
});
