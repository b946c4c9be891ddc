/**
 * Started by a test and killed at any moment: keeps one version after the other in the store of its first argument,
 * marks each good and prunes. Says so when it begins, and of each version when it is kept.
 */
import { VersionStore } from '../../src/registry/version-store.ts';
import { contentWith } from './contents.ts';

const store = await VersionStore.open(process.argv[2] ?? '');
process.stdout.write('begun\n');
// The end in time is for a parent that died.
const end = performance.now() + 20_000;
for (let n = 0; performance.now() < end; n++) {
  const { plugin, hash } = await store.keep(await contentWith(`${process.pid} ${n} ${'x'.repeat(100_000)}`));
  process.stdout.write('kept\n');
  await store.markGood(plugin, hash);
  await store.prune(plugin, new Set());
}
