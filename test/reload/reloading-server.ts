/** A real server over a plugin folder of the test's own, which it watches. */
import { mkdirSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Settings } from '../../src/config/settings.ts';
import type { PluginView } from '../../src/reload/control.ts';
import { until } from '../support/calls.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// As the command does: without compiled code to take, every new thread strips and compiles all modules again.
const inPackage = fileURLToPath(new URL('../../.hotlane/compile-cache', import.meta.url));
const { directory } = module.enableCompileCache(process.env['NODE_COMPILE_CACHE'] ?? inPackage);
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] ??= inPackage;

/** Texts of files by their paths below the plugin folder. */
export type Files = Readonly<Record<string, string>>;

export interface Place {
  /** The plugin folder. */
  readonly folder: string;
  /** Where versions and journal are kept; the same place for a second life of the server. */
  readonly stateDir: string;
  /** Writes files, with their folders, all in one turn of the event loop. */
  save(files: Files): void;
}

export interface ReloadingServer extends TestServer, Place {
  /** Undefined: there is no such plugin. */
  plugin(name: string): PluginView | undefined;
  /** Resolves when this version of the plugin serves. */
  untilServing(plugin: string, version: string): Promise<void>;
  /** Resolves when the content of the plugin's folder has been refused; with the plugin as it stands then. */
  untilRefused(plugin: string): Promise<PluginView>;
}

/** A folder that holds these files. */
export function placeWith(t: Pick<Test, 'testdir' | 'teardown'>, files: Files): Place {
  const root = ownFolder(t, { plugins: {}, state: {} });
  const folder = join(root, 'plugins');
  const save = (some: Files): void => {
    for (const [path, text] of Object.entries(some)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  save(files);
  return { folder, stateDir: join(root, 'state'), save };
}

/** Starts a server there; it stops at the end of the test, at the latest. */
export async function startAt(
  t: Pick<Test, 'teardown'>,
  place: Place,
  settings: Partial<Settings> = {},
): Promise<ReloadingServer> {
  const { folder, stateDir } = place;
  const server = await startTestServer({
    plugins: folder,
    settings: { hotReload: true, stateDir, ...settings },
  });
  t.teardown(() => server.stop());
  const plugin = (name: string): PluginView | undefined =>
    server.control.plugins().find((one) => one.name === name);
  return {
    ...server,
    ...place,
    plugin,
    untilServing: (name, version) =>
      until(`${name} ${version} serves`, () => {
        const view = plugin(name);
        return view?.state === 'ACTIVE' && view.version === version;
      }),
    async untilRefused(name) {
      await until(`${name} is refused`, () => plugin(name)?.rejected !== undefined);
      const view = plugin(name);
      if (view === undefined) throw new Error(`${name} is gone`);
      return view;
    },
  };
}

/** The two in one: a server over a folder that holds these files. */
export function startReloading(
  t: Test,
  files: Files,
  settings?: Partial<Settings>,
): Promise<ReloadingServer> {
  return startAt(t, placeWith(t, files), settings);
}
