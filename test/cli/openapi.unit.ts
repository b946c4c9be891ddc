import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { ownFolder } from '../support/own-folder.ts';
import { hotlane } from './run-hotlane.ts';

const URL_FLAGS = ['--url', 'https://plugins.example.org'];

/** A plugin whose `init` must not run; `tools` as source text. */
const plugin = (name: string, tools: string): string => `
  export default {
    name: '${name}', version: '1.0.0', description: 'A plugin.', tools: {${tools}},
    init() { throw new Error('init has run'); },
  };`;
const TOOL = `
  say: {
    summary: 'Says it.',
    input: { type: 'object', properties: { day: { type: 'string', format: 'date' } } },
    output: { type: 'object', properties: { said: { type: 'string' } } },
    execute: () => ({ said: 'it' }),
  },`;
const FREE = `
  free: { summary: 'Free.', input: { type: 'object', properties: {} }, output: { type: 'object' }, execute: () => ({}) },`;

const PLUGINS = {
  good: { 'index.js': plugin('good', TOOL) },
  half: { 'index.js': plugin('half', TOOL + FREE) },
  none: { 'index.js': plugin('none', FREE) },
  broken: { 'index.js': 'export default {' },
};

test('openapi writes document and manifest, reports losses and says what is left to do', async (t) => {
  const cwd = ownFolder(t, { plugins: PLUGINS });
  const env = { HOTLANE_SERVICE_TOKEN: 'sesame' };
  const { exitCode, stdout, stderr } = await hotlane(
    ['openapi', 'good', '--plugins', 'plugins', ...URL_FLAGS],
    { cwd, env },
  );
  t.equal(exitCode, 0, stderr);
  t.equal(stdout, `${join('coze', 'good', 'openapi.yaml')}\n${join('coze', 'good', 'ai_plugin.json')}\n`);
  t.match(stderr, /^tools\.say\.input\.properties\.day {2}rule 7 {2}loss: has the format "date"/m);
  t.match(stderr, /service token as header X-Service-Token/);
  const document = readFileSync(join(cwd, 'coze/good/openapi.yaml'), 'utf8');
  t.match(document, /^ {2}- url: https:\/\/plugins\.example\.org\/p\/good$/m);
  const manifest = readFileSync(join(cwd, 'coze/good/ai_plugin.json'), 'utf8');
  t.equal(JSON.parse(manifest).auth.type, 'service_http');
  t.notMatch(document + manifest + stdout + stderr, /sesame|init has run/);

  const linted = await hotlane(['lint', 'coze/good/openapi.yaml'], { cwd });
  t.strictSame(linted, { exitCode: 0, stdout: '', stderr: '1 subject checked, nothing found\n' });
});

test('openapi prints instead of writing when asked, and says which tools it leaves out', async (t) => {
  const cwd = ownFolder(t, { plugins: PLUGINS });
  const run = (name: string, ...flags: readonly string[]): ReturnType<typeof hotlane> =>
    hotlane(['openapi', name, '--plugins', 'plugins', ...URL_FLAGS, ...flags], { cwd });
  const half = await run('half', '--stdout');
  t.equal(half.exitCode, 1);
  t.match(half.stdout, /^openapi: 3\.0\.1\n/);
  t.match(
    half.stderr,
    /tools\.free\.output {2}rule 10 {2}impossible: .*\nhalf has no authentication.*\nLeft out: free\./,
  );
  const asJson = await run('half', '--json');
  t.match(JSON.parse(asJson.stdout), {
    plugin: 'half',
    leftOut: ['free'],
    document: { openapi: '3.0.1' },
    manifest: { schema_version: 'v1' },
  });
  const none = await run('none');
  t.equal(none.exitCode, 4);
  t.match(none.stderr, /No tool of none can be offered to Coze; nothing was written\./);
  t.strictSame(readdirSync(cwd), ['plugins']);
});

test('the usual mistakes get a sentence that says what to do', async (t) => {
  const cwd = ownFolder(t, { plugins: PLUGINS, settings: { 'signed.json': '' } });
  writeFileSync(
    join(cwd, 'settings/signed.json'),
    JSON.stringify({
      pluginSettings: {
        good: {
          auth: [
            {
              type: 'signature',
              keys: [{ id: 'k', algorithm: 'hmac-sha256', secret: 'sesame-sesame-sesame' }],
            },
          ],
        },
      },
    }),
  );
  const run = (...args: readonly string[]): ReturnType<typeof hotlane> =>
    hotlane(['openapi', '--plugins', 'plugins', ...args], { cwd });
  const mistakes: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['good'], 2, /give it with --url https:\/\/… or set publicUrl/],
    [['goof', ...URL_FLAGS], 6, /There is no plugin goof in .*; did you mean good\?/],
    [['broken', ...URL_FLAGS], 4, /^broken {2}import failed at index\.js:1/],
    [['good', '--url', 'http://localhost:8080', '--stdout'], 0, /Only this machine reaches/],
    [
      ['good', '--config', 'settings/signed.json', '--stdout', ...URL_FLAGS],
      0,
      /asks for signature, which Coze cannot bring/,
    ],
  ];
  for (const [args, exitCode, expected] of mistakes) {
    const result = await run(...args);
    t.equal(result.exitCode, exitCode, args.join(' '));
    t.match(result.stderr, expected, args.join(' '));
  }
});

test('lint looks at all plugins, or at those and the files that are named', async (t) => {
  const cwd = ownFolder(t, { plugins: PLUGINS, 'old.yaml': 'swagger: "2.0"\n' });
  const all = await hotlane(['lint', '--plugins', 'plugins'], { cwd });
  t.equal(all.exitCode, 1);
  t.match(all.stdout, /^broken {2}import failed at index\.js:1/m);
  t.match(all.stdout, /^good {2}tools\.say\.input\.properties\.day {2}rule 7 {2}loss: /m);
  t.match(all.stdout, /^none {2}tools\.free\.output {2}rule 10 {2}impossible: /m);
  t.equal(all.stderr, '4 subjects checked: 3 errors, 2 losses\n');

  const file = await hotlane(['lint', 'old.yaml', '--json'], { cwd });
  t.equal(file.exitCode, 1);
  t.match(JSON.parse(file.stdout), {
    errors: 1,
    losses: 0,
    subjects: [{ name: 'old.yaml', kind: 'file', findings: [{ line: 1, column: 1, rule: 1 }] }],
  });
  const missing = await hotlane(['lint', 'new.yaml', './', 'goof'], { cwd });
  t.equal(missing.exitCode, 2);
  const lines =
    /^new\.yaml cannot be read: .*\n\.\/ cannot be read: it is a folder\. .*\nThere is no plugin goof/;
  t.match(missing.stdout, lines);
});
