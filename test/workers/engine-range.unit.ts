import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { checkEngineRange } from '../../workers/engine-range.ts';
import { ownFolder } from '../support/own-folder.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

test('a plugin that asks for nothing, or for this version, is served', async (t) => {
  const folder = ownFolder(t, { 'package.json': `{"engines":{"hotlane":"<=${version}","node":">=24"}}` });
  await t.resolves(checkEngineRange(undefined, t.testdirName));
  await t.resolves(checkEngineRange({ node: '>=1' }, folder));
  await t.resolves(checkEngineRange({ hotlane: `^${version}` }, folder));
});

test('a range that leaves this version out is refused, wherever it is declared', async (t) => {
  await t.rejects(checkEngineRange({ hotlane: '>=1000' }, '/nowhere'), {
    message: `engines.hotlane asks for >=1000, this is hotlane ${version}`,
  });
  const folder = ownFolder(t, { 'package.json': '{"engines":{"hotlane":">=1000"}}' });
  await t.rejects(checkEngineRange({ hotlane: '*' }, folder), {
    message: `engines.hotlane in package.json asks for >=1000, this is hotlane ${version}`,
  });
});

test('what is no range is named', async (t) => {
  await t.rejects(checkEngineRange({ hotlane: 'newest' }, '/nowhere'), {
    message: 'engines.hotlane must be a semver range such as "^1.0.0", not "newest"',
  });
  await t.rejects(checkEngineRange({ hotlane: 1 }, '/nowhere'), { message: /not number$/ });
  await t.rejects(checkEngineRange('*', '/nowhere'), { message: 'engines must be an object, not "*"' });
});

test('a package.json that is none is named', async (t) => {
  await t.rejects(checkEngineRange(undefined, ownFolder(t, { 'package.json': '{' })), {
    message: /^package\.json cannot be read: /,
  });
});
