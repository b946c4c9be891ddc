import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Test, test } from 'tap';
import type { PluginSource } from '../../src/wire/catalogue.ts';
import { blame } from '../../workers/blame.ts';
import { ANYWHERE } from '../support/outbound.ts';
import { ownFolder } from '../support/own-folder.ts';

const CODE = "export const fail = () => {\n  throw new RangeError('no luck');\n};\n";

/** A plugin whose folder is known by a link, and what its code throws. */
async function thrownBehindLink(
  t: Test,
): Promise<{ readonly source: PluginSource; readonly error: unknown }> {
  const root = ownFolder(t, { real: { 'index.mjs': CODE } });
  const folder = join(root, 'link');
  symlinkSync(join(root, 'real'), folder, 'dir');
  const entry = join(folder, 'index.mjs');
  const { fail } = await import(pathToFileURL(entry).href);
  try {
    fail();
  } catch (error) {
    return {
      source: { name: 'sample', entry, config: {}, outbound: ANYWHERE, folder, origin: '/nowhere' },
      error,
    };
  }
  throw new Error('nothing was thrown');
}

test('the place is found behind a link too', async (t) => {
  const { source, error } = await thrownBehindLink(t);
  const blamed = blame(error, source, undefined);
  t.match(blamed, { reason: 'no luck', file: 'index.mjs', line: 2, column: 9, frame: /^> 2 \| {3}throw/m });
  t.match(blamed.stack, /^RangeError: no luck\n {4}at fail \(index\.mjs:2:9\)/);
});

test('an error made of another has the place of its cause', async (t) => {
  const { source, error } = await thrownBehindLink(t);
  t.match(blame(new Error('the example threw', { cause: error }), source, undefined), {
    reason: 'the example threw',
    line: 2,
    stack: /^RangeError: no luck/,
  });
});

test('what is no error, or has no place in the plugin, is a reason without one', async (t) => {
  const source: PluginSource = {
    name: 'sample',
    entry: '/plugins/sample/index.ts',
    config: {},
    outbound: ANYWHERE,
  };
  const nowhere = { file: undefined, line: undefined, column: undefined, frame: undefined, stack: undefined };
  t.strictSame(blame('just text', source, undefined), { reason: 'just text', ...nowhere });
  const hostile = {
    get message(): never {
      throw new Error('not to be looked at');
    },
    toString(): never {
      throw new Error('not to be read');
    },
  };
  t.match(blame(hostile, source, undefined), { ...nowhere, reason: /cannot be read/ });
});

test('paths below the folder, its copy and its original are shown as the author knows them', async (t) => {
  const source: PluginSource = {
    name: 'sample',
    entry: '/versions/sample/abc/index.ts',
    config: {},
    outbound: ANYWHERE,
    folder: '/versions/sample/abc',
    origin: '/plugins/sample',
  };
  const message =
    'from /versions/sample/abc/lib/a.ts and file:///versions/sample/abc/b.ts to /plugins/sample/c.ts';
  t.equal(blame(new Error(message), source, undefined).reason, 'from lib/a.ts and b.ts to c.ts');
});
