import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'tap';
import { call, healthOf } from '../support/calls.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startTestServer } from '../support/server.ts';

/** A plugin's source, as its author would write it where there is no hotlane in any node_modules. */
const plugin = (name: string, { before = '', type = '', wrap = true } = {}): string => `
  ${wrap ? "import { definePlugin } from 'hotlane/plugin';" : ''}
  ${before}
  const plugin = {
    name: '${name}',
    version: '1.0.0',
    description: 'Lives outside.',
    tools: {
      hello: {
        summary: 'Say hello.',
        input: { type: 'object', properties: { who: { type: 'string' } }, required: ['who'] },
        output: { type: 'object', properties: { hello: { type: 'string' } }, required: ['hello'] },
        execute({ who }${type}) {
          return { hello: who + ' from ${name}' };
        },
      },
    },
  };
  export default ${wrap ? 'definePlugin(plugin)' : 'plugin'};`;

const TYPED = ': { who: string }';
const FILES: Readonly<Record<string, string>> = {
  'typescript/index.ts': plugin('typescript', {
    before:
      "import type { Plugin } from 'hotlane/plugin';\nimport { noted } from './noted.ts';\nnoted satisfies string;",
    type: TYPED,
  }),
  'typescript/noted.ts': "export const noted: string = 'a file beside the index';",
  'module/index.mjs': plugin('module'),
  'mts/index.mts': plugin('mts', { type: TYPED }),
  'javascript/index.js': plugin('javascript'),
  'single.ts': plugin('single', { type: TYPED }),
  'single-module.mjs': plugin('single-module'),
  'plain/index.ts': plugin('plain', { type: TYPED, wrap: false }),
  'plain-module.mjs': plugin('plain-module', { wrap: false }),
  'README.md': '# no plugin',
};
const NAMES = [
  'javascript',
  'module',
  'mts',
  'plain',
  'plain-module',
  'single',
  'single-module',
  'typescript',
];

test('a folder outside the repository holds plugins in every form, with and without definePlugin', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plugins-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [file, code] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), code);
  }
  const server = await startTestServer({ plugins: folder, settings: { workers: 1 } });
  t.teardown(server.stop);
  const { plugins } = await healthOf(server);
  t.strictSame(plugins.failed, []);
  t.strictSame(
    plugins.loaded.map(({ name }) => name),
    NAMES,
  );
  for (const name of NAMES) {
    t.match(
      await call(server, name, { who: 'Li' }),
      { status: 200, body: { status: 'success', data: { hello: `Li from ${name}` } } },
      name,
    );
  }
});

test('an empty folder is served: every call is told that there is no such plugin', async (t) => {
  const server = await startTestServer({ plugins: ownFolder(t, {}), settings: { workers: 1 } });
  t.teardown(server.stop);
  t.match(await call(server, 'anything'), { status: 404, body: { code: 'UNKNOWN_PLUGIN' } });
  t.match(await healthOf(server), { status: 'healthy', plugins: { loaded: [], failed: [] } });
});
