import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'tap';
import { EXIT } from '../../src/cli/exit-codes.ts';
import type { ActionReport } from '../../src/reload/control.ts';
import { NEW, OLD, plugin, version } from '../admin/scripted-control.ts';
import { plainNode } from '../support/plain-node.ts';
import { executable, hasTerminal, hotlane, hotlaneAtTerminal } from './run-hotlane.ts';
import { running } from './running-admin.ts';

const NOT_RIGHT: ActionReport = {
  outcome: 'rejected',
  problems: [
    {
      plugin: 'greet',
      step: 'init',
      reason: 'The key is missing.',
      file: 'index.ts',
      line: 3,
      column: 8,
      frame: '> 3 | x',
    },
  ],
  ms: 88,
};

test('plugins and versions are shown as tables, with --json as the server answers', async (t) => {
  const since = new Date(Date.now() - 330_000).toISOString();
  const plugins = [plugin('greet', { since }), plugin('w', { since, state: 'FAILED', hash: undefined })];
  const versions = {
    greet: [version(NEW, { keptAt: since, active: true }), version(OLD, { keptAt: since })],
  };
  const { admin } = await running(t, { plugins, versions });
  const [table, raw, kept, rawKept] = await Promise.all([
    hotlane(['plugins', ...admin]),
    hotlane(['plugins', '--json', ...admin]),
    hotlane(['versions', 'greet', ...admin]),
    hotlane(['versions', 'greet', '--json', ...admin]),
  ]);
  t.strictSame(table, {
    exitCode: 0,
    stdout: [
      'plugin  state   version  hash          since  calls  errors',
      'greet   ACTIVE  1.2.0    3f2a91c0bb12  5 min   1204       3',
      'w       FAILED  1.2.0    -             5 min   1204       3',
      '',
    ].join('\n'),
    stderr: '',
  });
  t.strictSame(kept.stdout.split('\n'), [
    'hash          version  kept       service',
    '77aa02b1c9de  1.2.0    5 min ago  serves',
    '3f2a91c0bb12  1.2.0    5 min ago  has served',
    '',
  ]);
  t.strictSame(raw, { exitCode: 0, stdout: `${JSON.stringify({ plugins })}\n`, stderr: '' });
  t.strictSame(JSON.parse(rawKept.stdout), { versions: versions.greet });
});

test('a server without plugins, and a plugin without versions, leave standard output empty', async (t) => {
  const { admin } = await running(t, { versions: { greet: [] } });
  const [plugins, versions] = await Promise.all([
    hotlane(['plugins', ...admin]),
    hotlane(['versions', 'greet', ...admin]),
  ]);
  t.strictSame(plugins, { exitCode: 0, stdout: '', stderr: 'The server has no plugins.\n' });
  t.strictSame(versions, { exitCode: 0, stdout: '', stderr: 'The server keeps no version of greet.\n' });
});

test('each command has the server do what it says', async (t) => {
  const { control, admin } = await running(t, { plugins: [plugin('greet')] });
  const lines = [
    'activate greet',
    'deactivate greet',
    'reload',
    'reload greet',
    'rollback greet',
    'rollback greet 3f2a',
    'unload ..',
    'unload greet',
  ];
  const runs = await Promise.all(lines.map((line) => hotlane([...line.split(' '), ...admin])));
  for (const run of runs) t.strictSame(run, { exitCode: 0, stdout: 'done in 1 ms\n', stderr: '' });
  t.strictSame(control.orders.toSorted(), lines);
});

test('every ending of an action has its exit code; a good one is on standard output, a bad one is not', async (t) => {
  const changes = [{ plugin: 'greet', from: OLD, to: NEW }];
  const cases: readonly (readonly [ActionReport, number, string])[] = [
    [
      { outcome: 'rolled', changes, ms: 412 },
      EXIT.done,
      'greet  3f2a91c0bb12 → 77aa02b1c9de  rolled in 412 ms\n',
    ],
    [{ outcome: 'done', changes: [], ms: 2 }, EXIT.done, 'done in 2 ms\n'],
    [{ outcome: 'unchanged', ms: 3 }, EXIT.done, 'unchanged, nothing new to put to work (3 ms)\n'],
    [
      NOT_RIGHT,
      EXIT.rejected,
      'greet  rejected in 88 ms  init failed at index.ts:3:8: The key is missing.\n    > 3 | x\n',
    ],
    [
      { outcome: 'rolled-back', reason: 'no memory', ms: 9 },
      EXIT.rolledBack,
      'rolled back in 9 ms, every worker runs the old code again: no memory\n',
    ],
    [{ outcome: 'refused', reason: 'no such version' }, EXIT.refused, 'refused: no such version\n'],
  ];
  const runs = cases.map(async ([report, exitCode, told]) => {
    const { admin } = await running(t, { plugins: [plugin('greet')], end: () => report });
    const run = await hotlane(['reload', 'greet', ...admin]);
    const good = exitCode === EXIT.done;
    t.strictSame(run, { exitCode, stdout: good ? told : '', stderr: good ? '' : told }, report.outcome);
  });
  await Promise.all(runs);
});

test('with --json the report is on standard output however the action ended, with the same exit code', async (t) => {
  const { admin } = await running(t, { plugins: [plugin('greet')], end: () => NOT_RIGHT });
  const run = await hotlane(['reload', 'greet', '--json', ...admin]);
  t.strictSame(run, { exitCode: EXIT.rejected, stdout: `${JSON.stringify(NOT_RIGHT)}\n`, stderr: '' });
});

test('a plugin that does not exist is refused with the names there are', async (t) => {
  const { admin } = await running(t, {
    plugins: [plugin('greet')],
    end: () => ({ outcome: 'refused', reason: 'no plugin is called gret' }),
  });
  const [versions, unload] = await Promise.all([
    hotlane(['versions', 'gret', ...admin]),
    hotlane(['unload', 'gret', ...admin]),
  ]);
  t.match(versions, {
    exitCode: EXIT.refused,
    stdout: '',
    stderr: 'no plugin is called "gret"; there is greet',
  });
  t.strictSame(unload, { exitCode: EXIT.refused, stdout: '', stderr: 'refused: no plugin is called gret\n' });
});

test('Ctrl-C ends the command and not the action', async (t) => {
  const asked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<ActionReport>();
  let ended = false;
  const { admin } = await running(t, {
    async end() {
      asked.resolve();
      const report = await over.promise;
      ended = true;
      return report;
    },
  });
  const child = spawn(...plainNode(executable, 'reload', ...admin), { env: {}, timeout: 30_000 });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const told = text(child.stderr);
  await asked.promise;
  child.kill('SIGINT');
  t.equal(await exited, EXIT.interrupted);
  t.match(await told, /The server goes on with it/);
  t.notOk(ended);
  over.resolve({ outcome: 'unchanged', ms: 1 });
  t.equal((await hotlane(['plugins', ...admin])).exitCode, 0);
  t.ok(ended);
});

test('the help of each command shows examples and what the exit codes mean', async (t) => {
  const commands = ['plugins', 'versions', 'reload', 'rollback', 'activate', 'deactivate', 'unload'];
  const runs = await Promise.all(commands.map((command) => hotlane([command, '--help'])));
  for (const [index, { exitCode, stdout }] of runs.entries()) {
    const command = commands[index] ?? '';
    t.equal(exitCode, 0);
    t.match(stdout, new RegExp(`\nExamples:\n  hotlane ${command}`), command);
    for (const code of Object.values(EXIT))
      t.match(stdout, new RegExp(`^  ${code} +\\S`, 'm'), `${command} ${code}`);
    t.match(stdout, /--admin <url>[^]*--json[^]*--admin-port <n>/, command);
    t.notMatch(stdout, '--workers', command);
  }
});

test('a terminal gets colours unless NO_COLOR is set', { skip: !hasTerminal }, async (t) => {
  const { admin } = await running(t, { plugins: [plugin('greet')], end: () => NOT_RIGHT });
  const [table, plainTable, problem, plainProblem] = await Promise.all([
    hotlaneAtTerminal(['plugins', ...admin]),
    hotlaneAtTerminal(['plugins', ...admin], { env: { NO_COLOR: '1' } }),
    hotlaneAtTerminal(['reload', ...admin]),
    hotlaneAtTerminal(['reload', ...admin], { env: { NO_COLOR: '1' } }),
  ]);
  for (const [coloured, plain, told] of [
    [table, plainTable, /^greet   ACTIVE  1\.2\.0 /m],
    [problem, plainProblem, 'greet  rejected in 88 ms  init failed at index.ts:3:8: The key is missing.'],
  ] as const) {
    t.match(coloured.stdout, '\u001b[');
    t.match(stripVTControlCharacters(coloured.stdout), told);
    t.notMatch(plain.stdout, '\u001b');
    t.match(plain.stdout, told);
  }
  t.equal(problem.exitCode, EXIT.rejected);
});

test('a person at a terminal sees that a long action goes on', { skip: !hasTerminal }, async (t) => {
  const seen = Promise.withResolvers<void>();
  const { admin } = await running(t, {
    async end() {
      await seen.promise;
      return { outcome: 'unchanged', ms: 1200 };
    },
  });
  const { stdout } = await hotlaneAtTerminal(['reload', 'greet', ...admin], {
    env: { NO_COLOR: '1' },
    onOutput: (seenNow) => {
      if (seenNow.includes('…')) seen.resolve();
    },
  });
  t.match(stdout, /^\rreload greet … [\d.]+ m?s[^]*\r +\runchanged, /);
});
