/** New code that is unfit, in every way that shows before it is called, one after the other. The old code serves on. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import tap, { test } from 'tap';
import type { PluginView } from '../../src/reload/control.ts';
import { call, until, untilWhole } from '../support/calls.ts';
import { type GreeterParts, greeter } from './greeter.ts';
import { startReloading } from './reloading-server.ts';
import { underTraffic } from './under-traffic.ts';

interface Row {
  /** Completes "a plugin that …". */
  readonly what: string;
  /** What is saved: parts of the plugin, or all its code. */
  readonly bad: GreeterParts | string;
  readonly step: string;
  readonly reason: RegExp | string;
  readonly place?: { readonly file: string; readonly line?: number };
}

const field = (schema: string): string => `{ type: 'object', properties: { n: ${schema} } }`;

const rows: readonly Row[] = [
  {
    what: 'has a syntax error',
    bad: 'const a = 1;\nexport default {{;\n',
    step: 'import',
    reason: "Unexpected token '{'",
    place: { file: 'index.mjs', line: 2 },
  },
  {
    what: 'throws while it is imported',
    bad: { top: 'const port = 1;\nthrow new Error("no port is free");' },
    step: 'import',
    reason: 'no port is free',
    place: { file: 'index.mjs', line: 2 },
  },
  {
    what: 'ends its thread while it is imported',
    bad: { top: 'process.exit(7);' },
    step: 'import',
    reason: 'import ended the thread: process.exit(7) was called',
  },
  {
    what: 'exports nothing',
    bad: 'export {};',
    step: 'exports',
    reason: 'the default export must be an object, not undefined',
  },
  {
    what: 'has a member of the wrong type',
    bad: { execute: '"hello"' },
    step: 'exports',
    reason: 'tools.hello.execute must be a function, not "hello"',
  },
  {
    what: 'has another name than its folder',
    bad: { name: 'other' },
    step: 'exports',
    reason: /other/,
  },
  {
    what: 'has a schema that does not compile',
    bad: { input: field("{ type: 'string', minimun: 1 }") },
    step: 'schema',
    reason: /^tools\.hello\.input does not compile: /,
  },
  {
    what: 'has a pattern that some texts make slow',
    bad: { input: field("{ type: 'string', pattern: '^(a+)+$' }") },
    step: 'pattern',
    reason: /^tools\.hello\.input\.properties\.n\.pattern is slow for some texts/,
  },
  {
    what: 'throws in init',
    bad: { init: '() => { throw new Error("no database"); }' },
    step: 'init',
    reason: 'no database',
    place: { file: 'index.mjs' },
  },
  {
    what: 'gives another answer than its example says',
    bad: { examples: '[{ input: { n: 1 }, output: { n: 2 } }]' },
    step: 'example',
    reason: /^tools\.hello\.examples\[0\] is not what it gives: /,
  },
  {
    what: 'imports a file outside its folder',
    bad: { top: "import '../table.mjs';" },
    step: 'import',
    reason: 'imports a file outside its folder: ../table.mjs (from index.mjs)',
  },
  {
    what: 'imports a file that is not there',
    bad: { top: "import './lib/table.mjs';" },
    step: 'import',
    reason: "Cannot find module 'lib/table.mjs' imported from index.mjs",
  },
];

const server = await startReloading(tap, { 'greet/index.mjs': greeter('1.0.0') }, { workers: 1 });
await untilWhole(server);

const save = (code: string): void => server.save({ 'greet/index.mjs': code });

for (const { what, bad, step, reason, place } of rows) {
  test(`a plugin that ${what} is refused with the reason, and its old version serves on`, async (t) => {
    const before = server.plugin('greet')?.rejected?.hash;
    const logged = server.log.length;
    const versions = await underTraffic(t, server, async () => {
      save(typeof bad === 'string' ? bad : greeter('2.0.0', bad));
      await until('it is refused', () => {
        const { rejected } = server.plugin('greet') ?? {};
        return rejected !== undefined && rejected.hash !== before;
      });
    });
    const problem = { step, reason, ...place };
    t.match(await view('greet'), { version: '1.0.0', state: 'ACTIVE', rejected: { problem } });
    t.equal(versions.length, 1);
    const told = (): unknown =>
      server.log.slice(logged).find(({ message }) => message === 'plugin version refused');
    await until('it is told', () => told() !== undefined);
    t.match(told(), { level: 'error', fields: { plugin: 'greet', ...problem } });
  });
}

test('after all of that the next good save comes into service', async (t) => {
  await underTraffic(t, server, async () => {
    save(greeter('3.0.0'));
    await server.untilServing('greet', '3.0.0');
  });
  t.equal(server.plugin('greet')?.rejected, undefined);
});

test('a file that is not there any more is named, and the plugin serves on', async (t) => {
  await underTraffic(t, server, async () => {
    rmSync(join(server.folder, 'greet/index.mjs'));
    symlinkSync('nowhere.mjs', join(server.folder, 'greet/index.mjs'));
    await server.untilRefused('greet');
  });
  const problem = { step: 'read', reason: /^index\.mjs cannot be read: ENOENT/ };
  t.match(await view('greet'), { version: '3.0.0', state: 'ACTIVE', rejected: { problem } });
  t.match(
    server.log.findLast(({ message }) => message === 'plugin left out'),
    { level: 'error', fields: { plugin: 'greet', reason: problem.reason } },
  );
});

test('a folder in the place of the entry is told, and the plugin serves on', async (t) => {
  rmSync(join(server.folder, 'greet/index.mjs'));
  mkdirSync(join(server.folder, 'greet/index.mjs'));
  // Nothing hints at it, and the next look by itself may be two seconds off.
  await server.control.reload();
  const reason = /^the folder has no index\.ts/;
  await until('it is told', () => reason.test(server.plugin('greet')?.rejected?.problem.reason ?? ''));
  t.equal((await call(server, 'greet/hello', { n: 1 })).status, 200);
  rmSync(join(server.folder, 'greet/index.mjs'), { recursive: true });
  save(greeter('3.0.1'));
  await server.untilServing('greet', '3.0.1');
  t.equal(server.plugin('greet')?.rejected, undefined);
});

test('a second file with the name of a plugin is left out and told, and goes unnoticed by callers', async (t) => {
  server.save({ 'greet.mjs': greeter('9.0.0') });
  await server.untilRefused('greet');
  const problem = { step: 'read', reason: 'two plugins have this name: greet.mjs is left out' };
  t.match(await view('greet'), { version: '3.0.1', state: 'ACTIVE', rejected: { problem } });
  rmSync(join(server.folder, 'greet.mjs'));
  await until('it is forgotten', () => server.plugin('greet')?.rejected === undefined);
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
    save(greeter('4.0.0', { input }));
    await server.untilServing('greet', '4.0.0');
  });
  t.match(await call(server, 'greet/hello', { n: 1, p9: '123456789' }), { status: 200 });
  t.match(await call(server, 'greet/hello', { n: 1, p9: '1234567890' }), { status: 400 });
});

test('none of this has cost a worker', async (t) => {
  t.equal(server.log.filter(({ message }) => message === 'worker crashed').length, 0);
  t.equal(server.log.filter(({ message }) => message === 'worker ended').length, 0);
});

/** As the admin port shows it. */
async function view(name: string): Promise<PluginView> {
  return (await (await fetch(`${server.adminUrl}/plugins/${name}`)).json()) as PluginView;
}
