import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import { pathToFileURL } from 'node:url';
import { test } from 'tap';
import { growthLimit, judgeMemory } from '../../../bench/soak/memory-verdict.ts';
import { PluginFile } from '../../../bench/soak/plugin-file.ts';
import { parseSoakOptions } from '../../../bench/soak/soak-options.ts';
import { soakedPlugins, sourceOf } from '../../../bench/soak/soaked-plugin.ts';
import { ownFolder } from '../../support/own-folder.ts';

/** A reading each two seconds. */
function readings(minutes: number, residentMB: (minute: number) => number) {
  return Array.from({ length: minutes * 30 + 1 }, (_, index) => ({
    minutes: index / 30,
    residentMB: residentMB(index / 30),
  }));
}

const wave = (minute: number) => 250 + 20 * Math.sin(minute * 9);
const bombs = (minute: number) => 600 + 200 * Math.sin(minute * 7);

test('memory that grows after the warm-up is told, ups and downs are not', async (t) => {
  t.equal(judgeMemory(readings(10, wave)).kind, 'fine');
  t.equal(judgeMemory(readings(10, (minute) => wave(minute) + minute * (growthLimit + 2))).kind, 'grows');
  t.equal(judgeMemory(readings(10, (minute) => wave(minute) + Math.min(minute, 3) * 50)).kind, 'fine');
  t.equal(judgeMemory(readings(2, wave)).kind, 'too short to judge');
  t.equal(judgeMemory([]).kind, 'too short to judge');
});

test('a rise that the ups and downs of a run can make by themselves is no growth', async (t) => {
  const rising = readings(5, (minute) => bombs(minute) + minute * 10).filter((_, index) => index % 10 === 0);
  const verdict = judgeMemory(rising);
  t.equal(verdict.kind, 'fine');
  if (verdict.kind !== 'fine') return;
  t.ok(verdict.perMinuteMB > growthLimit, `${verdict.perMinuteMB} MB`);
  t.ok(verdict.uncertaintyMB > 20, `${verdict.uncertaintyMB} MB`);
  const faster = readings(5, (minute) => bombs(minute) + minute * 200);
  t.equal(judgeMemory(faster.filter((_, index) => index % 10 === 0)).kind, 'grows');
});

test('what grows only in the part that is warm-up is no growth', async (t) => {
  const plateau = readings(6, (minute) => 300 + Math.min(minute, 3) * 100);
  t.equal(judgeMemory(plateau).kind, 'grows');
  t.equal(judgeMemory(plateau, 1 / 2).kind, 'fine');
  t.equal(judgeMemory(readings(5, wave), 1 / 2).kind, 'too short to judge');
});

test('every good version says its name and does its work', async (t) => {
  const folder = ownFolder(t, {});
  for (const plugin of soakedPlugins) {
    const file = new PluginFile(plugin, folder);
    const { version } = file.save('good');
    const path = join(folder, plugin.name, 'index.ts');
    t.equal(readFileSync(path, 'utf8'), sourceOf(plugin, version, 'good'));
    const { default: made } = await import(pathToFileURL(path).href);
    t.match(made, { name: plugin.name, version: '1.0.2' });
    t.match(await made.tools[plugin.name].execute({ text: 'a', seed: 7 }), {
      text: 'a',
      version: '1.0.2',
      ...plugin.expected(7, 'a'),
    });
  }
});

test('a version made to throw fails in its calls', async (t) => {
  const [plugin] = soakedPlugins;
  if (plugin === undefined) throw new Error('there are no plugins');
  const folder = ownFolder(t, {});
  new PluginFile(plugin, folder).save('throws');
  const { default: made } = await import(pathToFileURL(join(folder, plugin.name, 'index.ts')).href);
  await t.rejects(made.tools[plugin.name].execute({ text: 'a', seed: 0 }));
});

test('a version that wears out works at first, and then no more', async (t) => {
  const [plugin] = soakedPlugins;
  if (plugin === undefined) throw new Error('there are no plugins');
  const folder = ownFolder(t, {});
  new PluginFile(plugin, folder).save('wears out');
  mock.timers.enable({ apis: ['Date'] });
  t.teardown(() => mock.timers.reset());
  const { default: made } = await import(pathToFileURL(join(folder, plugin.name, 'index.ts')).href);
  const call = () => made.tools[plugin.name].execute({ text: 'a', seed: 0 });
  t.match(await call(), { text: 'a' });
  mock.timers.tick(5000);
  await t.rejects(call());
});

test('a version made not to load does not load', async (t) => {
  const [plugin] = soakedPlugins;
  if (plugin === undefined) throw new Error('there are no plugins');
  for (const make of ['syntax', 'import'] as const) {
    const folder = ownFolder(t, {});
    new PluginFile(plugin, folder).save(make);
    const url = `${pathToFileURL(join(folder, plugin.name, 'index.ts')).href}?${make}`;
    await t.rejects(import(url), make);
  }
});

test('the command line of the soak is checked', async (t) => {
  t.match(parseSoakOptions(['--minutes', '0.5', '--seed', '7']), { minutes: 0.5, seed: 7, isHelp: false });
  t.equal(parseSoakOptions([]).minutes, 5);
  for (const wrong of [['--minutes', '0'], ['--minutes', 'x'], ['--seed', '-1'], ['--fast']]) {
    t.throws(() => parseSoakOptions(wrong), wrong.join(' '));
  }
});
