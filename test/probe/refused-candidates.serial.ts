import tap, { type Test, test } from 'tap';
import { Probe, type ProbeLimits } from '../../src/probe/probe.ts';
import type { Unfit } from '../../src/wire/probe-messages.ts';
import { type Files, samplePlugin, sampleSource } from './sample-plugin.ts';

const probe = new Probe();

// Most of a verdict is the start of a thread.
tap.jobs = 2;

/** Long enough for a slow machine to load an innocent plugin, short enough to wait for. */
const SHORT: ProbeLimits = { timeMs: 1_000 };

type Expected = Readonly<{ [Key in keyof Unfit]?: Unfit[Key] | RegExp }>;

/** Code of so many properties. */
const table = (size: number, schema: string): string =>
  `Object.fromEntries(Array.from({ length: ${size} }, (_, n) => ["p" + n, ${schema}]))`;

/** The candidate is refused like this, and nothing shows where its copy lies. */
async function refused(
  t: Test,
  files: string | Files,
  expected: Expected,
  limits?: ProbeLimits,
): Promise<void> {
  const source = sampleSource(t, typeof files === 'string' ? { 'index.mjs': files } : files);
  const verdict = await probe.judge({ source }, limits);
  t.match(verdict, { kind: 'unfit', ...expected });
  t.notMatch(JSON.stringify(verdict), /versions|plugins\/sample/, 'no path of the copy');
}

test('a syntax error in TypeScript is shown with its place', (t) =>
  refused(
    t,
    { 'index.ts': `const wrong: = 3;\n${samplePlugin()}` },
    { step: 'import', reason: /^Unexpected token `=`/, file: 'index.ts', line: 1, column: 14 },
  ));

test('TypeScript that is more than types is refused with its place', (t) =>
  refused(
    t,
    { 'index.ts': `// colours\nenum Colour { Red }\n${samplePlugin()}` },
    { step: 'import', reason: /enum is not supported/, file: 'index.ts', line: 2, column: 1 },
  ));

test('a mistake in TypeScript that is found only after its types are gone is shown with its place', (t) =>
  refused(
    t,
    { 'index.ts': `const n: number = 1;\nconst n: number = 2;\n${samplePlugin()}` },
    { step: 'import', reason: /'n' has already been declared/, file: 'index.ts', line: 2, column: 7 },
  ));

test('a syntax error in JavaScript is shown with its place, also in a file that is imported', (t) =>
  refused(
    t,
    {
      'index.mjs': `import './lib/sum.mjs';\n${samplePlugin()}`,
      lib: { 'sum.mjs': 'const a = 1;\nexport const f = () => {\n\treturn a +* 2;\n};\n' },
    },
    {
      step: 'import',
      reason: "Unexpected token '*'",
      file: 'lib/sum.mjs',
      line: 3,
      column: 12,
      frame: [
        '  1 | const a = 1;',
        '  2 | export const f = () => {',
        '> 3 | \treturn a +* 2;',
        '    | \t          ^',
        '  4 | };',
        '  5 |',
      ].join('\n'),
    },
  ));

test('an import of a name that is not exported is shown with its place', (t) =>
  refused(
    t,
    {
      'index.mjs': `import { sun } from './sum.mjs';\n${samplePlugin()}`,
      'sum.mjs': 'export const sum = 1;',
    },
    {
      step: 'import',
      reason: /does not provide an export named 'sun'/,
      file: 'index.mjs',
      line: 1,
      column: 10,
    },
  ));

test('a file that is not there is named', (t) =>
  refused(t, `import './nowhere.mjs';\n${samplePlugin()}`, {
    step: 'import',
    reason: "Cannot find module 'nowhere.mjs' imported from index.mjs",
  }));

test('an import that leaves the folder is refused', (t) =>
  refused(
    t,
    {
      'index.mjs': `import './lib/a.mjs';\n${samplePlugin()}`,
      lib: { 'a.mjs': "import '../../other.mjs';" },
    },
    { step: 'import', reason: 'imports a file outside its folder: ../../other.mjs (from lib/a.mjs)' },
  ));

test('what is thrown at import is shown with its place and the plugin’s part of the stack', (t) =>
  refused(t, `const fail = () => {\n  throw new RangeError('no luck');\n};\nfail();\n${samplePlugin()}`, {
    step: 'import',
    reason: 'no luck',
    file: 'index.mjs',
    line: 2,
    column: 9,
    frame: /^> 2 \| {3}throw new RangeError\('no luck'\);\n {4}\| {9}\^$/m,
    stack: 'RangeError: no luck\n    at fail (index.mjs:2:9)\n    at index.mjs:4:1',
  }));

test('an endless loop at import is ended', (t) =>
  refused(t, 'for (;;);', { step: 'import', reason: 'import took longer than 1000 ms' }, SHORT));

test('a top-level await that never settles is given up', (t) =>
  refused(
    t,
    'await new Promise(() => undefined);',
    { step: 'import', reason: 'import took longer than 1000 ms' },
    SHORT,
  ));

test('a candidate that takes too much heap is ended', (t) =>
  refused(
    t,
    'const all = []; for (let n = 0; ; n++) all.push({ n, text: `number ${n}` });',
    { step: 'import', reason: 'import took more memory than the limit of 48 MiB' },
    { heapMb: 48 },
  ));

test('a candidate that takes too many buffers is ended', (t) =>
  refused(
    t,
    'const all = []; while (all.length < 100) all.push(Buffer.alloc(2 ** 20, 1)); for (;;);',
    { step: 'import', reason: 'import took more memory than the limit of 48 MiB' },
    { heapMb: 48 },
  ));

test('a candidate that calls process.exit is refused', (t) =>
  refused(t, samplePlugin({ init: '() => process.exit(3)' }), {
    step: 'init',
    reason: 'init ended the thread: process.exit(3) was called',
  }));

test('a module without a plugin is told what is missing', async (t) => {
  await refused(t, 'export const plugin = {};', {
    step: 'exports',
    reason: 'the default export must be an object, not undefined',
  });
});

test('a member of the wrong type is named with what is expected', (t) =>
  refused(t, samplePlugin({}, { timeoutMs: '"1s"' }), {
    step: 'exports',
    reason: 'tools.double.timeoutMs must be a number of milliseconds up to 600000, not "1s"',
  }));

test('a plugin for another hotlane is refused', (t) =>
  refused(t, samplePlugin({ engines: '{ hotlane: ">=1000" }' }), {
    step: 'engine',
    reason: /^engines\.hotlane asks for >=1000, this is hotlane \d/,
  }));

test('a schema that does not compile is named', (t) =>
  refused(t, samplePlugin({}, { output: '{ type: "object", propertys: {} }' }), {
    step: 'schema',
    reason: /^tools\.double\.output does not compile: .*propertys/,
  }));

test('a pattern that does not compile is no syntax error of a file', (t) =>
  refused(
    t,
    samplePlugin({}, { input: '{ type: "object", properties: { n: { type: "string", pattern: "[" } } }' }),
    { step: 'schema', reason: /^tools\.double\.input does not compile: /, file: undefined },
  ));

test('a schema that takes too long to compile is named', (t) =>
  refused(
    t,
    samplePlugin(
      {},
      {
        input: `{ type: "object", properties: ${table(20, `{ type: "object", properties: ${table(1000, '{ type: "string" }')} }`)} }`,
      },
    ),
    { step: 'schema', reason: 'compiling tools.double.input took longer than 1000 ms' },
    SHORT,
  ));

test('a pattern that some texts make slow is refused with such a text', (t) =>
  refused(
    t,
    samplePlugin(
      {},
      { input: '{ type: "object", properties: { name: { type: "string", pattern: "^(a+)+$" } } }' },
    ),
    {
      step: 'pattern',
      reason:
        /^tools\.double\.input\.properties\.name\.pattern is slow for some texts \(exponential\): \^\(a\+\)\+\$ takes ages on 'a'/,
    },
  ));

test('what init throws is shown with its place', (t) =>
  refused(t, samplePlugin({ init: 'async () => {\n  throw new Error("no database");\n}' }), {
    step: 'init',
    reason: 'no database',
    file: 'index.mjs',
    line: 12,
    frame: /^> 12 \| {3}throw new Error\("no database"\);$/m,
  }));

test('an init that hangs is given up', (t) =>
  refused(
    t,
    samplePlugin({ init: '() => new Promise(() => undefined)' }),
    { step: 'init', reason: 'init took longer than 1000 ms' },
    SHORT,
  ));

test('an example with another output is refused with the difference', (t) =>
  refused(t, samplePlugin({}, { examples: '[{ input: { n: 2 }, output: { twice: 5 } }]' }), {
    step: 'example',
    reason: 'tools.double.examples[0] is not what it gives: the answer.twice is 4, not 5',
  }));

test('an example that throws is shown with its place', (t) =>
  refused(
    t,
    samplePlugin(
      {},
      { execute: '() => {\n  throw new Error("no such number");\n}', examples: '[{ input: { n: 2 } }]' },
    ),
    {
      step: 'example',
      reason: 'tools.double.examples[0] threw: no such number',
      file: 'index.mjs',
      line: 10,
    },
  ));

test('an example during which something is thrown elsewhere is refused', (t) =>
  refused(
    t,
    samplePlugin(
      {},
      {
        execute: '() => new Promise(() => setTimeout(() => { throw new Error("late"); }))',
        examples: '[{ input: { n: 2 } }]',
      },
    ),
    { step: 'example', reason: 'an error was thrown and not caught: late', file: 'index.mjs' },
  ));

test('an example that hangs is given up at its tool’s deadline', (t) =>
  refused(
    t,
    samplePlugin({}, { timeoutMs: '300', execute: '() => { for (;;); }', examples: '[{ input: { n: 2 } }]' }),
    { step: 'example', reason: 'tools.double.examples[0] took longer than 300 ms' },
  ));

test('what dispose throws is a reason to refuse', (t) =>
  refused(t, samplePlugin({ dispose: '() => { throw new Error("stuck valve"); }' }), {
    step: 'dispose',
    reason: 'stuck valve',
  }));
