/**
 * New code that is unfit, in every way the probe can see, each in a plugin of its own: all saved at once, then all
 * repaired at once. The old versions serve on.
 */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import tap, { test } from 'tap';
import type { PluginView } from '../../src/reload/control.ts';
import { call, until, untilWhole } from '../support/calls.ts';
import { type GreeterParts, greeter } from './greeter.ts';
import { type Files, startReloading } from './reloading-server.ts';
import { underTraffic } from './under-traffic.ts';

interface Row {
  /** Completes "a plugin that …". */
  readonly what: string;
  /** What is saved: parts of the plugin, or whole files by name. */
  readonly bad: GreeterParts | { readonly files: Files };
  readonly step: string;
  readonly reason: RegExp | string;
  readonly place?: { readonly file: string; readonly line?: number };
}

const field = (schema: string): string => `{ type: 'object', properties: { n: ${schema} } }`;

const rows: Readonly<Record<string, Row>> = {
  syntax: {
    what: 'has a syntax error',
    bad: { files: { 'index.mjs': 'const a = 1;\nexport default {{;\n' } },
    step: 'import',
    reason: "Unexpected token '{'",
    place: { file: 'index.mjs', line: 2 },
  },
  throws: {
    what: 'throws while it is imported',
    bad: { top: 'const port = 1;\nthrow new Error("no port is free");' },
    step: 'import',
    reason: 'no port is free',
    place: { file: 'index.mjs', line: 2 },
  },
  exits: {
    what: 'ends its thread while it is imported',
    bad: { top: 'process.exit(7);' },
    step: 'import',
    reason: 'import ended the thread: process.exit(7) was called',
  },
  nothing: {
    what: 'exports nothing',
    bad: { files: { 'index.mjs': 'export {};' } },
    step: 'exports',
    reason: 'the default export must be an object, not undefined',
  },
  types: {
    what: 'has a member of the wrong type',
    bad: { execute: '"hello"' },
    step: 'exports',
    reason: 'tools.hello.execute must be a function, not "hello"',
  },
  name: {
    what: 'has another name than its folder',
    bad: { name: 'other' },
    step: 'exports',
    reason: /other/,
  },
  schema: {
    what: 'has a schema that does not compile',
    bad: { input: field("{ type: 'string', minimun: 1 }") },
    step: 'schema',
    reason: /^tools\.hello\.input does not compile: /,
  },
  pattern: {
    what: 'has a pattern that some texts make slow',
    bad: { input: field("{ type: 'string', pattern: '^(a+)+$' }") },
    step: 'pattern',
    reason: /^tools\.hello\.input\.properties\.n\.pattern is slow for some texts/,
  },
  init: {
    what: 'throws in init',
    bad: { init: '() => { throw new Error("no database"); }' },
    step: 'init',
    reason: 'no database',
    place: { file: 'index.mjs' },
  },
  example: {
    what: 'gives another answer than its example says',
    bad: { examples: '[{ input: { n: 1 }, output: { n: 2 } }]' },
    step: 'example',
    reason: /^tools\.hello\.examples\[0\] is not what it gives: /,
  },
  outside: {
    what: 'imports a file outside its folder',
    bad: { top: "import '../greet/index.mjs';" },
    step: 'import',
    reason: 'imports a file outside its folder: ../greet/index.mjs (from index.mjs)',
  },
  missing: {
    what: 'imports a file that is not there',
    bad: { top: "import './lib/table.mjs';" },
    step: 'import',
    reason: "Cannot find module 'lib/table.mjs' imported from index.mjs",
  },
};

const names = Object.keys(rows);
const inFolder = (name: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text]));
const good = (name: string, version: string): Files =>
  inFolder(name, { 'index.mjs': greeter(version, { name }) });
const bad = (name: string, row: Row): Files =>
  inFolder(
    name,
    'files' in row.bad ? row.bad.files : { 'index.mjs': greeter('2.0.0', { name, ...row.bad }) },
  );
const all = (filesOf: (name: string) => Files): Files => Object.assign({}, ...names.map(filesOf));

const server = await startReloading(
  tap,
  { ...all((name) => good(name, '1.0.0')), ...good('greet', '1.0.0') },
  { workers: 1 },
);
await untilWhole(server);

test('unfit code of many plugins is refused, and no request is lost', (t) =>
  underTraffic(t, server, async () => {
    server.save(Object.assign({}, ...Object.entries(rows).map(([name, row]) => bad(name, row))));
    for (const name of names) await server.untilRefused(name);
    await until('it is told', () => server.reports.length > 0);
  }));

for (const [name, { what, step, reason, place }] of Object.entries(rows)) {
  test(`a plugin that ${what} is refused with the reason, and its old version serves on`, async (t) => {
    const problem = { step, reason, ...place };
    t.match(await view(name), { version: '1.0.0', state: 'ACTIVE', rejected: { problem } });
    t.match(
      server.log.findLast(({ fields }) => fields['plugin'] === name && fields['step'] !== undefined),
      { level: 'error', message: 'plugin version refused', fields: problem },
    );
    const { status, body } = await call(server, `${name}/hello`, { n: 3 });
    t.match({ status, body }, { status: 200, body: { data: { n: 3, from: '1.0.0' } } });
  });
}

test('after the next good save all of them are in service again', async (t) => {
  const begun = server.reports.length;
  await underTraffic(t, server, async () => {
    server.save(all((name) => good(name, '3.0.0')));
    await until('it is told', () => server.reports.length > begun);
  });
  t.strictSame(
    names.map((name) => server.plugin(name)).map((one) => [one?.version, one?.rejected]),
    names.map(() => ['3.0.0', undefined]),
  );
});

test('a file that is not there any more is named, and the plugin serves on', async (t) => {
  await underTraffic(t, server, async () => {
    rmSync(join(server.folder, 'syntax/index.mjs'));
    symlinkSync('nowhere.mjs', join(server.folder, 'syntax/index.mjs'));
    await server.untilRefused('syntax');
  });
  const problem = { step: 'read', reason: /^index\.mjs cannot be read: ENOENT/ };
  t.match(await view('syntax'), { version: '3.0.0', state: 'ACTIVE', rejected: { problem } });
  t.match(
    server.log.findLast(({ message }) => message === 'plugin left out'),
    { level: 'error', fields: { plugin: 'syntax', reason: problem.reason } },
  );
});

test('a folder in the place of the entry is told, and the plugin serves on', async (t) => {
  rmSync(join(server.folder, 'syntax/index.mjs'));
  mkdirSync(join(server.folder, 'syntax/index.mjs'));
  const reason = /^the folder has no index\.ts/;
  await until('it is told', () => reason.test(server.plugin('syntax')?.rejected?.problem.reason ?? ''));
  t.equal((await call(server, 'syntax/hello', { n: 1 })).status, 200);
  rmSync(join(server.folder, 'syntax/index.mjs'), { recursive: true });
  server.save(good('syntax', '3.0.1'));
  await server.untilServing('syntax', '3.0.1');
  t.equal(server.plugin('syntax')?.rejected, undefined);
});

test('a second file with the name of a plugin is left out and told, and goes unnoticed by callers', async (t) => {
  server.save({ 'types.mjs': greeter('9.0.0', { name: 'types' }) });
  await server.untilRefused('types');
  const problem = { step: 'read', reason: 'two plugins have this name: types.mjs is left out' };
  t.match(await view('types'), { version: '3.0.0', state: 'ACTIVE', rejected: { problem } });
  rmSync(join(server.folder, 'types.mjs'));
  await until('it is forgotten', () => server.plugin('types')?.rejected === undefined);
});

test('a name that is no safe path is refused and told', async (t) => {
  server.save({ 'Näme (2)/index.mjs': greeter('1.0.0', { name: 'Näme (2)' }) });
  const problem = { step: 'read', reason: /^a plugin name must match / };
  t.match(await server.untilRefused('Näme (2)'), {
    state: 'FAILED',
    version: undefined,
    rejected: { problem },
  });
  t.match(
    server.log.findLast(({ message }) => message === 'plugin left out'),
    { level: 'error', fields: { plugin: 'Näme (2)', reason: problem.reason } },
  );
  rmSync(join(server.folder, 'Näme (2)'), { recursive: true });
  await until('it is forgotten', () => server.plugin('Näme (2)') === undefined);
});

test('a schema of a thousand properties is no reason to refuse', async (t) => {
  const properties =
    'Object.fromEntries(Array.from({ length: 1000 }, (_, n) => ["p" + n, { type: "string", maxLength: n }]))';
  await underTraffic(t, server, async () => {
    const input = `{ type: 'object', properties: { n: { type: 'integer' }, ...${properties} } }`;
    server.save({ 'schema/index.mjs': greeter('4.0.0', { name: 'schema', input }) });
    await server.untilServing('schema', '4.0.0');
  });
  t.match(await call(server, 'schema/hello', { n: 1, p9: '123456789' }), { status: 200 });
  t.match(await call(server, 'schema/hello', { n: 1, p9: '1234567890' }), { status: 400 });
});

test('none of this has cost a worker', async (t) => {
  t.equal(server.log.filter(({ message }) => message === 'worker crashed').length, 0);
  t.equal(server.log.filter(({ message }) => message === 'worker ended').length, 0);
});

/** As the admin port shows it. */
async function view(name: string): Promise<PluginView> {
  return (await (await fetch(`${server.adminUrl}/plugins/${name}`)).json()) as PluginView;
}
