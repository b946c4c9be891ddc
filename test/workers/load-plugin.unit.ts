import { join } from 'node:path';
import { type Test, test } from 'tap';
import type { InitContext } from '../../src/plugin/plugin.ts';
import { type LoadedPlugin, loadPlugin } from '../../workers/load-plugin.ts';
import { callContext, initContext } from '../support/call-context.ts';
import { ANYWHERE } from '../support/outbound.ts';
import { ownFolder } from '../support/own-folder.ts';

/** A complete plugin as source text, with parts replaced or left out (undefined). */
function source(parts: Readonly<Record<string, string | undefined>> = {}, tool: typeof parts = {}): string {
  const object = (members: typeof parts): string =>
    `{ ${Object.entries(members)
      .filter(([, code]) => code !== undefined)
      .map(([key, code]) => `${JSON.stringify(key)}: ${code}`)
      .join(', ')} }`;
  const one = object({
    summary: '"Do it."',
    input: '{ type: "object", properties: { n: { type: "integer" } }, required: ["n"] }',
    output: '{ type: "object" }',
    execute: '({ n }) => ({ twice: 2 * n })',
    ...tool,
  });
  return `export default ${object({
    name: '"sample"',
    version: '"1.2.3"',
    description: '"A sample."',
    tools: `{ double: ${one} }`,
    ...parts,
  })};`;
}

let modules = 0;

/** Each gets a file name of its own, so that no module is cached from before. */
function load(t: Test, code: string, init: InitContext = initContext()): Promise<LoadedPlugin> {
  const file = `index-${++modules}.mjs`;
  const entry = join(ownFolder(t, { [file]: code }), file);
  return loadPlugin({ name: 'sample', entry, config: {}, outbound: ANYWHERE }, init);
}

/** Loading fails, with this reason. */
const refused = (t: Test, what: string, code: string, reason: RegExp): Promise<unknown> =>
  t.test(what, (sub) => sub.rejects(load(sub, code), { message: reason }));

test('a plugin is loaded with its manifest, and its tool runs', async (t) => {
  const plugin = await load(t, source({}, { timeoutMs: '1500' }));
  t.match(plugin.manifest, {
    name: 'sample',
    version: '1.2.3',
    description: 'A sample.',
    tools: [
      {
        name: 'double',
        summary: 'Do it.',
        timeoutMs: 1500,
        idempotent: false,
        native: { method: 'POST', path: '/double', pathArguments: [], queryArguments: [] },
        isStreaming: false,
      },
    ],
    hasEvents: false,
  });
  const [tool] = plugin.tools;
  t.strictSame(await tool?.execute({ n: 4 }, callContext()), { twice: 8 });
  t.equal(tool?.checkInput({ n: 'x' }), '"parameters.n" must be integer');
  t.equal(tool?.checkOutput({}), undefined);
});

test('a tool’s code is called with the tool as this', async (t) => {
  const plugin = await load(
    t,
    source({}, { factor: '10', execute: 'function ({ n }) { return { n: n * this.factor } }' }),
  );
  t.strictSame(await plugin.tools[0]?.execute({ n: 4 }, callContext()), { n: 40 });
});

test('each wrong shape is refused with a reason that names it', async (t) => {
  await refused(
    t,
    'no default export',
    'export const plugin = {};',
    /^the default export must be an object, not undefined$/,
  );
  await refused(
    t,
    'text as default export',
    'export default "sample";',
    /^the default export must be an object, not "sample"$/,
  );
  await refused(
    t,
    'a foreign name',
    source({ name: '"other"' }),
    /^name must be "sample", as its folder is called, not "other"$/,
  );
  await refused(t, 'no name', source({ name: undefined }), /^name must be "sample".*not undefined$/);
  await refused(
    t,
    'a version of two parts',
    source({ version: '"1.2"' }),
    /^version must be a semantic version.*not "1\.2"$/,
  );
  await refused(
    t,
    'a number as version',
    source({ version: '1' }),
    /^version must be a semantic version.*not number$/,
  );
  await refused(
    t,
    'no description',
    source({ description: undefined }),
    /^description must be a non-empty string$/,
  );
  await refused(t, 'tools missing', source({ tools: undefined }), /^tools must be an object, not undefined$/);
  await refused(t, 'no tool', source({ tools: '{}' }), /^tools must have at least one tool$/);
  await refused(
    t,
    'a tool that is null',
    source({ tools: '{ a: null }' }),
    /^tools\.a must be an object, not null$/,
  );
  await refused(
    t,
    'init that is no function',
    source({ init: '{}' }),
    /^init must be a function, not object$/,
  );
  await refused(
    t,
    'dispose that is no function',
    source({ dispose: '1' }),
    /^dispose must be a function, not number$/,
  );
});

test('each wrong shape of a tool is refused with a reason that names tool and member', async (t) => {
  const tool = (
    what: string,
    parts: Readonly<Record<string, string | undefined>>,
    reason: RegExp,
  ): Promise<unknown> => refused(t, what, source({}, parts), reason);
  await refused(
    t,
    'a name with a dot',
    source({ tools: '{ "a.b": {} }' }),
    /^tools\.a\.b: a tool name must match/,
  );
  await tool('no summary', { summary: '""' }, /^tools\.double\.summary must be a non-empty string$/);
  await tool('no execute', { execute: undefined }, /^tools\.double\.execute must be a function$/);
  await tool('text as execute', { execute: '"x"' }, /^tools\.double\.execute must be a function, not "x"$/);
  await tool('no input', { input: undefined }, /^tools\.double\.input must be an object, not undefined$/);
  await tool(
    'an array as input',
    { input: '{ type: "array" }' },
    /^tools\.double\.input must be a schema of "type": "object"$/,
  );
  await tool(
    'an unknown keyword',
    { output: '{ type: "object", propertys: {} }' },
    /^tools\.double\.output does not compile: .*propertys/,
  );
  await tool(
    'a timeout of text',
    { timeoutMs: '"1s"' },
    /^tools\.double\.timeoutMs must be a number of milliseconds.*not "1s"$/,
  );
  for (const timeoutMs of ['0', '-5', 'NaN', 'Infinity', '600001']) {
    await tool(`a timeout of ${timeoutMs}`, { timeoutMs }, /^tools\.double\.timeoutMs must be a number/);
  }
});

test('a module that throws, does not parse or cannot be found is refused with the cause', async (t) => {
  await refused(t, 'throws', 'throw new RangeError("no luck today");', /^no luck today$/);
  await refused(t, 'does not parse', 'export default {{{', /Unexpected token/);
  await refused(t, 'imports what is not there', 'import "./nowhere.mjs";', /nowhere\.mjs/);
});

test('init runs before the plugin is there, with its configuration, and may refuse it', async (t) => {
  const init =
    'async init({ config }) { if (config.key !== 7) throw new Error("no key"); globalThis.initialised = true; }';
  const withInit = source().replace('export default {', `export default { ${init},`);
  await t.rejects(load(t, withInit), { message: 'no key' });
  await load(t, withInit, initContext({ key: 7 }));
  t.equal(Reflect.get(globalThis, 'initialised'), true);
  Reflect.deleteProperty(globalThis, 'initialised');
});

test('dispose runs once it is asked for, and what it throws is handed back', async (t) => {
  const quiet = await load(t, source());
  t.equal(await quiet.dispose(), undefined, 'a plugin without one');
  const disposing = await load(t, source({ dispose: 'async () => { throw new Error("stuck valve") }' }));
  t.match(await disposing.dispose(), { message: 'stuck valve' });
});
