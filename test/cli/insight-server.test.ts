import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import tap, { test } from 'tap';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { isCpuProfile, isLiveView } from '../../src/cli/insight-shapes.ts';
import { call, until } from '../support/calls.ts';
import { ownFolder } from '../support/own-folder.ts';
import { plainNode } from '../support/plain-node.ts';
import { startTestServer } from '../support/server.ts';
import { executable, hasTerminal, hotlane, hotlaneAtTerminal } from './run-hotlane.ts';

const PLUGIN = `
export default {
  name: 'busy',
  version: '1.0.0',
  description: 'Keeps its thread, or lets go of it.',
  tools: {
    spin: {
      summary: 'Computes for so many milliseconds at a stretch.',
      timeoutMs: 60000,
      input: { type: 'object', properties: { ms: { type: 'integer' } }, required: ['ms'] },
      output: { type: 'object' },
      execute({ ms }) {
        const end = Date.now() + ms;
        let sum = 0;
        while (Date.now() < end) sum += Math.sqrt(sum + 1);
        return {};
      },
    },
    nothing: {
      summary: 'Does nothing.',
      input: { type: 'object' },
      output: { type: 'object' },
      execute: () => ({}),
    },
  },
};
`;

const plugins = ownFolder(tap, { busy: { 'index.ts': PLUGIN } });
const server = await startTestServer({ plugins, settings: { workers: 1 } });
tap.teardown(server.stop);
const admin = ['--admin', server.adminUrl];

async function startedCalls(): Promise<number> {
  const view: unknown = await (await fetch(`${server.adminUrl}/top`)).json();
  if (!isLiveView(view)) throw new Error('not the shape of a live view');
  return view.workers.reduce((sum, { running }) => sum + running.length, 0);
}

test('a worker that is caught in a loop is the busiest; its profile names the tool', async (t) => {
  const cwd = ownFolder(t);
  const spinning = call(server, 'busy/spin', { ms: 4000 });
  await until('the call runs', async () => (await startedCalls()) === 1);
  const [top, profile] = await Promise.all([
    hotlane(['top', '--once', '--interval', '0.5', ...admin]),
    hotlane(['profile', '--seconds', '0.5', ...admin], { cwd }),
  ]);
  t.match(top, { exitCode: EXIT.done, stderr: '' });
  t.match(top.stdout, /^ +0 {2}STALLED {2}100 % .* 1 {2}busy\/spin$/m);
  t.match(profile, { exitCode: EXIT.done, stderr: 'profiling worker 0 for 0.5 s\n' });
  const [file = ''] = readdirSync(cwd);
  t.match(file, /^hotlane-worker-0-[\dT-]+\.cpuprofile$/);
  t.match(
    profile.stdout,
    new RegExp(
      `^${file}\n\n share  function +where\n[ \\d.]+ %  (?:execute|spinAround) +.*busy/index\\.ts:12\n`,
    ),
  );
  t.ok(isCpuProfile(JSON.parse(readFileSync(join(cwd, file), 'utf8'))));
  t.equal((await spinning).status, 200, 'the call goes on');
});

test('a heap snapshot is saved whole, with what takes the most, and calls are answered afterwards', async (t) => {
  const file = join(ownFolder(t), 'a.heapsnapshot');
  const [first, second] = await Promise.all(
    [file, `${file}.other`].map((out) =>
      hotlane(['heap', '--worker', '0', '--out', out, '--json', ...admin]),
    ),
  );
  const runs = [first, second];
  const saved = runs.find((run) => run?.exitCode === EXIT.done);
  const refused = runs.find((run) => run?.exitCode === EXIT.refused);
  if (saved === undefined) return t.fail(`${first?.stderr} ${second?.stderr}`);
  if (refused !== undefined)
    t.match(refused.stderr, /a heap snapshot of worker 0 is being taken; one look at a time/);
  const told = JSON.parse(saved.stdout);
  t.match(told, { worker: 0, largest: [{ name: String, share: Number }] });
  t.equal(statSync(told.file).size, told.bytes);
  t.ok(JSON.parse(readFileSync(told.file, 'utf8')).strings.length > 1000);
  t.equal(statSync(told.file).mode & 0o777, 0o600);
  t.equal((await call(server, 'busy/nothing')).status, 200);
});

test('top prints rates as JSON lines, and why-slow what held the slowest calls up', async (t) => {
  const watching = hotlane(['top', '--once', '--json', '--interval', '0.5', ...admin]);
  const end = new AbortController();
  const calls = (async () => {
    while (!end.signal.aborted) {
      await call(server, 'busy/nothing');
      await pause(5);
    }
  })();
  const { stdout } = await watching;
  end.abort();
  t.match(JSON.parse(stdout), { workers: [{ seat: 0, state: 'serving' }], callsPerSecond: Number });
  await calls;
  const why = await hotlane(['why-slow', ...admin]);
  t.match(why, { exitCode: EXIT.done, stderr: '' });
  t.match(why.stdout, /^\d+ calls in the last one to two minutes; the slowest /);
  t.match(why.stdout, /^1 of \d+ slow calls? of busy\/spin: run/m);
  t.match(why.stdout, / {2}run took 4\.\d s of 4\.\d s; the tool was called too rarely/);
  const one = await hotlane(['why-slow', '--tool', 'busy/nothing', '--json', ...admin]);
  const { groups, slow } = JSON.parse(one.stdout);
  t.ok(slow >= 1);
  t.ok(groups.every(({ tool }: { tool: string }) => tool === 'busy/nothing'));
});

test('an idle worker has no hot function of the host', async (t) => {
  const file = join(ownFolder(t), 'idle.cpuprofile');
  const line = ['profile', '--worker', '0', '--seconds', '0.3', '--out', file, '--json', ...admin];
  const { hottest } = JSON.parse((await hotlane(line)).stdout);
  const share = hottest.reduce((sum: number, one: { readonly share: number }) => sum + one.share, 0);
  t.ok(share < 0.5, `asleep is not busy: ${JSON.stringify(hottest)}`);
});

test('the main thread can be profiled', async (t) => {
  const file = join(ownFolder(t), 'main.cpuprofile');
  const run = await hotlane(['profile', '--main', '--seconds', '0.2', '--out', file, ...admin]);
  t.match(run, { exitCode: EXIT.done, stderr: 'profiling the main thread for 0.2 s\n' });
  t.ok(isCpuProfile(JSON.parse(readFileSync(file, 'utf8'))));
});

test('a worker, tool or server that is not there, and flags that cannot be meant, have exit codes', async (t) => {
  const cwd = ownFolder(t);
  const lines: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['profile', '--worker', '77', ...admin], EXIT.refused, /there is no worker 77; there is 0/],
    [['heap', '--worker', '77', ...admin], EXIT.refused, /there is no worker 77/],
    [['heap', '--worker', '0', '--out', '/nowhere/x', ...admin], EXIT.failed, /cannot be written/],
    [['why-slow', '--tool', 'busy/spinn', ...admin], EXIT.refused, /no tool is called "busy\/spinn"/],
    [['why-slow', '--tool', 'busy', ...admin], EXIT.usage, /Expected plugin and tool/],
    [['profile', '--seconds', '0', ...admin], EXIT.usage, /from 0\.1 to 60/],
    [['profile', '--worker', 'x', ...admin], EXIT.usage, /Expected the number of a worker/],
    [['top', '--once', '--admin', 'http://127.0.0.1:1'], EXIT.unreachable, /No hotlane server answers/],
  ];
  const runs = await Promise.all(lines.map(([line]) => hotlane(line, { cwd })));
  for (const [index, { exitCode, stdout, stderr }] of runs.entries()) {
    const [line, code, sentence] = lines[index] ?? [];
    t.equal(exitCode, code, String(line));
    t.equal(stdout, '');
    t.match(stderr, sentence);
  }
  t.strictSame(readdirSync(cwd), [], 'nothing is left behind');
});

test('the help of each command shows examples and exit codes', async (t) => {
  const commands = ['top', 'profile', 'heap', 'why-slow'];
  const runs = await Promise.all(commands.map((command) => hotlane([command, '--help'])));
  for (const [index, { exitCode, stdout }] of runs.entries()) {
    t.equal(exitCode, EXIT.done);
    t.match(stdout, new RegExp(`Examples:\n {2}hotlane ${commands[index]}`));
    t.match(stdout, /--json[^]*--admin <url>[^]*Exit codes:/);
  }
});

test('top ends in order when its reader has seen enough', async (t) => {
  const child = spawn(...plainNode(executable, 'top', '--interval', '0.1', ...admin), {
    env: {},
    timeout: 30_000,
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const errors = text(child.stderr);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdout.destroy();
  t.equal(await ended, EXIT.done);
  t.equal(await errors, '');
});

test('top at a terminal redraws in place, and Ctrl-C gives the terminal back', {
  skip: !hasTerminal,
}, async (t) => {
  let drawn = 0;
  let left = false;
  const command = ['top', '--interval', '0.2', ...admin];
  const { exitCode, stdout } = await hotlaneAtTerminal(command, {
    onOutput(output, type) {
      drawn += output.split('\u001b[H').length - 1;
      // Not only the first picture, which tells what it is about to look at.
      if (drawn < 3 || left) return;
      left = true;
      type('\u0003');
    },
  });
  t.equal(exitCode, EXIT.done);
  t.match(stdout, /busy/);
  t.ok(stdout.startsWith('\u001b[?1049h\u001b[?25l'), 'a page of its own');
  t.ok(stdout.endsWith('\u001b[?25h\u001b[?1049l'), 'given back');
});
