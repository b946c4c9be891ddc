import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { flagOf, SETTING_NAMES, SETTINGS } from '../../src/config/setting-table.ts';
import { ownFolder } from '../support/own-folder.ts';
import { executable, hotlane } from './run-hotlane.ts';

test('--version prints the version of package.json', async (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  t.strictSame(await hotlane(['--version']), { exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

test('npm and the shell start the command with the same flags of Node, and it knows them', async (t) => {
  const code = readFileSync(executable, 'utf8');
  const [, flag] = /^#!\/usr\/bin\/env -S node (\S+)\n/.exec(code) ?? [];
  t.ok(code.includes(`process.execArgv.includes('${flag}')`), `${flag}`);
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  t.match(scripts, {
    start: `node ${flag} src/cli/hotlane.js start`,
    dev: `node ${flag} src/cli/hotlane.js dev`,
    hotlane: `node ${flag} src/cli/hotlane.js`,
  });
});

test('--help lists the commands and shows examples', async (t) => {
  const { exitCode, stdout, stderr } = await hotlane(['--help']);
  t.equal(exitCode, 0);
  t.equal(stderr, '');
  for (const expected of [/^ {2}start /m, /^ {2}dev /m, /^ {2}config /m, /Examples:\n {2}hotlane start /]) {
    t.match(stdout, expected);
  }
});

test('each command has a flag for every setting that is no secret', async (t) => {
  for (const command of ['start', 'dev', 'config']) {
    const { stdout } = await hotlane([command, '--help']);
    const flags = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag);
    const expected = SETTING_NAMES.filter((name) => !SETTINGS[name].kind.secret).map(flagOf);
    t.strictSame(
      flags.filter((flag) => flag !== '--json'),
      ['--config', ...expected],
      command,
    );
    t.notMatch(stdout, /passphrase/i);
  }
});

test('config prints each setting with its value and source', async (t) => {
  const cwd = ownFolder(t, { 'hotlane.config.json': '{"concurrency": 8}' });
  const env = { HOTLANE_QUEUE_LIMIT: '99' };
  const { exitCode, stdout, stderr } = await hotlane(['config', '--port', '0', '--no-debug'], { env, cwd });
  t.equal(exitCode, 0);
  t.equal(stderr, '');
  const rows = new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
      .map(([name = '', ...rest]) => [name, rest]),
  );
  t.strictSame([...rows.keys()], ['setting', ...SETTING_NAMES]);
  t.strictSame(rows.get('port'), ['0', 'flag --port']);
  t.strictSame(rows.get('debug'), ['false', 'flag --no-debug']);
  t.strictSame(rows.get('queueLimit'), ['99', 'env HOTLANE_QUEUE_LIMIT']);
  t.strictSame(rows.get('concurrency'), ['8', `file ${join(cwd, 'hotlane.config.json')}, key concurrency`]);
  t.strictSame(rows.get('defaultPlugin'), ['-', 'default']);
});

test('config --json prints the same for programs, secrets and what plugins are given hidden', async (t) => {
  const pluginSettings = {
    weather: { timeoutMs: 700, tools: { now: { timeoutMs: 800 } }, config: { key: 'sesame-1' } },
  };
  const file = join(ownFolder(t), 'settings.json');
  writeFileSync(file, JSON.stringify({ pluginSettings }));
  const env = { HOTLANE_CONFIG: file, HOTLANE_TLS_PASSPHRASE: 'sesame-2' };
  const { exitCode, stdout } = await hotlane(['config', '--json'], { env });
  t.equal(exitCode, 0);
  t.notMatch(stdout, /sesame/);
  const shown = JSON.parse(stdout);
  t.strictSame(shown.tlsPassphrase, { value: '***', source: 'env HOTLANE_TLS_PASSPHRASE' });
  t.strictSame(shown.tlsKey, { value: null, source: 'default' });
  t.strictSame(shown.logSample, { value: 1000, source: 'default' });
  const source = `file ${file}, key pluginSettings.weather`;
  t.strictSame(shown['pluginSettings.weather.timeoutMs'], { value: 700, source: `${source}.timeoutMs` });
  t.strictSame(shown['pluginSettings.weather.tools.now.timeoutMs'].value, 800);
  t.strictSame(shown['pluginSettings.weather.config'], { value: '***', source: `${source}.config` });
});

test('a wrong configuration is refused by every command with all its problems and exit code 2', async (t) => {
  const env = { HOTLANE_WORKERS: '900', HOTLANE_TLS_KEY: '/nowhere/key.pem', NO_COLOR: '1' };
  for (const command of ['start', 'dev', 'config']) {
    const { exitCode, stdout, stderr } = await hotlane([command, '--port', 'high'], { env });
    t.equal(exitCode, 2);
    t.equal(stdout, '');
    t.equal(
      stderr,
      [
        'The configuration has 4 problems:',
        '  flag --port: expected a whole number from 0 to 65535, got "high"',
        '  env HOTLANE_TLS_KEY: tlsKey: there is no file at /nowhere/key.pem',
        '  env HOTLANE_WORKERS: expected a whole number from 1 to 64, got "900"',
        '  env HOTLANE_TLS_KEY: tlsKey is set but tlsCert is not; set both or none',
        '',
      ].join('\n'),
    );
  }
});

test('an unknown flag, an unknown command and no command are exit code 2 with what to do', async (t) => {
  const flag = await hotlane(['start', '--prot', '80']);
  t.equal(flag.exitCode, 2);
  t.match(flag.stderr, /unknown option '--prot'[^]*Did you mean --port\?[^]*--help/);
  const command = await hotlane(['strat']);
  t.equal(command.exitCode, 2);
  t.match(command.stderr, /unknown command 'strat'[^]*Did you mean start\?/);
  const nothing = await hotlane([]);
  t.equal(nothing.exitCode, 2);
  t.match(nothing.stderr, /^Usage: hotlane/);
  t.equal(nothing.stdout, '');
});
