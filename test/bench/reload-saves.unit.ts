import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { parseReloadOptions } from '../../bench/commands/reload-options.ts';
import { SavedPlugin } from '../../bench/scenarios/reload-saves.ts';
import { ownFolder } from '../support/own-folder.ts';

const originals = new URL('../../bench/plugins', import.meta.url).pathname;

test('each save is another version, in place and by renaming in turns', async (t) => {
  const plugins = ownFolder(t, {});
  const saved = new SavedPlugin(originals, plugins, 'echo');
  const file = join(plugins, 'echo', 'index.ts');
  const inodes = [statSync(file).ino];
  for (const version of ['1.0.1', '1.0.2', '1.0.3']) {
    t.equal(saved.save().version, version);
    t.match(readFileSync(file, 'utf8'), `version: '${version}'`);
    inodes.push(statSync(file).ino);
  }
  const [original, first, second, third] = inodes;
  t.equal(first, original);
  t.not(second, first);
  t.equal(third, second);
  t.same(readdirSync(join(plugins, 'echo')), ['index.ts']);
});

test('only the newest version and the one before may answer', async (t) => {
  const saved = new SavedPlugin(originals, ownFolder(t, {}), 'echo');
  for (let save = 1; save <= 3; save += 1) saved.save();
  t.equal(saved.versionFault('1.0.3@aa'), undefined);
  t.equal(saved.versionFault('1.0.2@bb'), undefined);
  t.equal(saved.versionFault('1.0.1@cc'), 'an answer of version 1.0.1 when 1.0.3 is the newest');
  t.equal(saved.versionFault(undefined), 'an answer of version none when 1.0.3 is the newest');
});

test('the command line of reload is checked', async (t) => {
  const known = ['losses', 'memory'];
  t.match(parseReloadOptions(['--quick', '--rolls', '7', '--only', 'memory'], known), {
    effort: { rolls: 7, memoryRolls: 20 },
    only: ['memory'],
  });
  for (const wrong of [['--rolls', '0'], ['--rolls', 'x'], ['--only', 'echo'], ['--fast']]) {
    t.throws(() => parseReloadOptions(wrong, known), wrong.join(' '));
  }
});
