/** What a server starts with; over a real store of versions. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { type KeptVersion, VersionStore } from '../../src/registry/version-store.ts';
import type { View } from '../../src/registry/view.ts';
import { type FirstVersion, firstVersions } from '../../src/reload/first-deployment.ts';
import { contentWith } from '../registry/contents.ts';
import { ownFolder } from '../support/own-folder.ts';
import { NO_FOLDER } from './paper-host.ts';

interface Shelf {
  readonly store: VersionStore;
  readonly damaged: string[];
  keep(text: string): Promise<KeptVersion>;
  /** What plugin p starts with when the folder holds this version of it. */
  first(inFolder: KeptVersion | undefined): Promise<FirstVersion | undefined>;
}

async function open(t: Test): Promise<Shelf> {
  const store = await VersionStore.open(join(ownFolder(t, {}), 'versions'));
  const damaged: string[] = [];
  return {
    store,
    damaged,
    keep: async (text) => store.keep(await contentWith(text)),
    async first(inFolder) {
      const view: View = {
        state: 'folder',
        versions: new Map(inFolder === undefined ? [] : [['p', inFolder]]),
        failures: inFolder === undefined ? [{ name: 'p', reason: 'unreadable', stack: undefined }] : [],
        waiting: new Map(),
      };
      const [first] = await firstVersions(view, store, (plugin) => damaged.push(plugin));
      return first;
    },
  };
}

test('a version that has never served is to be judged', async (t) => {
  const { keep, first } = await open(t);
  const a = await keep('a');
  t.match(await first(a), { version: a, inFolder: a, isProven: false, pinnedAgainst: undefined });
});

test('a version that has served before is started at once', async (t) => {
  const { store, keep, first } = await open(t);
  const a = await keep('a');
  await store.markGood('p', a.hash);
  t.match(await first(a), { version: a, isProven: true });
});

test('with new content in the folder the last good version starts', async (t) => {
  const { store, keep, first } = await open(t);
  const [a, b, c] = [await keep('a'), await keep('b'), await keep('c')];
  await store.markGood('p', a.hash);
  await store.markGood('p', b.hash);
  t.match(await first(c), { version: b, inFolder: c, isProven: true });
  t.match(await first(a), { version: a }, 'which need not be the last one, if it was good');
});

test('a plugin that cannot be read starts with its last good version, or not at all', async (t) => {
  const { store, keep, first } = await open(t);
  const a = await keep('a');
  t.equal(await first(undefined), undefined);
  await store.markGood('p', a.hash);
  t.match(await first(undefined), { version: a, inFolder: undefined, isProven: true });
});

test('the pinned version starts as long as the folder holds what it was pinned against', async (t) => {
  const { store, keep, first } = await open(t);
  const [a, b, c] = [await keep('a'), await keep('b'), await keep('c')];
  await store.markGood('p', b.hash);
  await store.pin('p', a.hash, b.hash);
  t.match(await first(b), { version: a, isProven: true, pinnedAgainst: b.hash });
  t.match(await first(c), { version: b, pinnedAgainst: undefined });
});

test('a copy that is damaged is told and passed over', async (t) => {
  const { store, damaged, keep, first } = await open(t);
  const [a, b] = [await keep('a'), await keep('b')];
  await store.markGood('p', a.hash);
  await rm(a.entry);
  t.match(await first(b), { version: b, isProven: false });
  t.strictSame(damaged, ['p']);
});

test('without a folder nothing starts', async (t) => {
  const { store } = await open(t);
  t.strictSame(await firstVersions(NO_FOLDER, store, () => undefined), []);
});
