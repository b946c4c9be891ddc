import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { nodeRefusal } from '../../src/cli/node-version.ts';

test('a Node older than the range is refused with both versions in the sentence', async (t) => {
  for (const old of ['20.20.2', '24.11.9', '24.2.0', '9.99.99']) {
    t.match(nodeRefusal(old, '>=24.12'), new RegExp(`needs Node 24\\.12 or newer and this is ${old};`));
  }
});

test('the oldest Node of the range and all later ones are accepted', async (t) => {
  for (const fine of ['24.12.0', '24.21.0', '25.0.0', '100.1.0']) {
    t.equal(nodeRefusal(fine, '>=24.12'), undefined, fine);
  }
});

test('package.json states the range in the form that is understood, and this Node is in it', async (t) => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  t.match(engines.node, /^>=\d+(?:\.\d+)*$/);
  t.equal(nodeRefusal(process.versions.node, engines.node), undefined);
});
