/** A world in memory for the loader: no process, no disk. */

import type { Files } from '../../src/config/files.ts';
import { type LoadedSettings, loadSettings, type Sources } from '../../src/config/load-settings.ts';
import { describeProblem } from '../../src/config/origin.ts';
import type { Circumstances } from '../../src/config/setting-table.ts';

/** Text by absolute path; an Error is a file that cannot be read; a path that ends in / is a folder. */
export type Disk = Readonly<Record<string, string | Error>>;

const folders = new Set(['/hotlane/plugins/', '/app/plugins/']);

function filesOn(disk: Disk): Files {
  return {
    read(path) {
      const found = disk[path];
      if (found === undefined) return { outcome: 'missing' };
      if (found instanceof Error) return { outcome: 'unreadable', reason: found.message };
      return { outcome: 'text', text: found };
    },
    isFolder: (path) => folders.has(`${path}/`) || `${path}/` in disk,
  };
}

const MACHINE = { parallelism: 8, memoryMb: 16_384, packageRoot: '/hotlane' };
/** What defaults depend on here. */
export const CIRCUMSTANCES: Circumstances = { ...MACHINE, debug: false, cwd: '/app' };

type Given = Partial<Omit<Sources, 'files'>> & { readonly disk?: Disk; readonly file?: unknown };

/** Loads settings in /app; `file` becomes /app/hotlane.config.json. */
export function load({ disk = {}, file, ...given }: Given = {}): LoadedSettings {
  const configured = file === undefined ? {} : { '/app/hotlane.config.json': JSON.stringify(file) };
  return loadSettings({
    flags: {},
    env: {},
    cwd: '/app',
    machine: MACHINE,
    files: filesOn({ ...configured, ...disk }),
    ...given,
  });
}

export type Loaded = Extract<LoadedSettings, { outcome: 'loaded' }>;

/** Loads settings that must be accepted. */
export function accepted(given?: Given): Loaded {
  const loaded = load(given);
  if (loaded.outcome === 'loaded') return loaded;
  throw new Error(`refused: ${loaded.problems.map(describeProblem).join('; ')}`);
}

/** The problems of settings, as a person reads them; none when they are accepted. */
export function problemsOf(given: Given): string[] {
  const loaded = load(given);
  return loaded.outcome === 'loaded' ? [] : loaded.problems.map(describeProblem);
}
