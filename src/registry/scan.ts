/**
 * One pass over the plugin folder: of every plugin the kept version, or why there is none at this moment.
 * A plugin that has not changed since the last pass costs a few `stat` calls and is not read.
 */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { failed, Intake, type IntakeOptions, type Outcome } from './intake.ts';
import { type FolderEntry, isSkipped, type PluginPath, pluginsAmong } from './plugin-paths.ts';
import { LOCK_FILE } from './write-lock.ts';

export type Pass =
  | {
      readonly state: 'folder';
      /** Absolute, links resolved. */
      readonly real: string;
      /** Another one when the folder itself has been replaced, even by one of the same name. */
      readonly identity: string;
      /** By file in the folder: two of them may claim one name. */
      readonly outcomes: ReadonlyMap<string, Outcome>;
    }
  /** The folder is missing or cannot be read. That says nothing of the plugins. */
  | { readonly state: 'no-folder'; readonly reason: string };

export class Scan {
  private readonly folder: string;
  private readonly options: IntakeOptions;
  /** By file. */
  private readonly intakes = new Map<string, Intake>();
  /** Name by file, as the last undisturbed pass found them. */
  private names: ReadonlyMap<string, string> = new Map();

  constructor(folder: string, options: IntakeOptions) {
    this.folder = folder;
    this.options = options;
  }

  /** Never rejects. With `force`, every plugin is read even if it seems unchanged. One pass at a time. */
  async pass(force: boolean): Promise<Pass> {
    try {
      const { mark, ...root } = rootOf(this.folder);
      return { state: 'folder', ...root, outcomes: await this.outcomes(mark, force) };
    } catch (error) {
      return { state: 'no-folder', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  private async outcomes(mark: string, force: boolean): Promise<ReadonlyMap<string, Outcome>> {
    const listed = list(this.folder);
    if (this.options.locks.isHeld(this.folder))
      return this.wait(listed, `the plugin folder has a ${LOCK_FILE}`);
    const outcomes = new Map<string, Outcome>();
    for (const [file, one] of listed)
      outcomes.set(file, 'state' in one ? one : await this.intakeOf(one).take(force));
    // Plugins from two folders, or from before and after a change of its list, are not one view.
    if (rootOf(this.folder).mark !== mark) return this.wait(listed, 'the plugin folder is changing');
    for (const file of this.intakes.keys()) if (!outcomes.has(file)) this.intakes.delete(file);
    this.names = new Map([...outcomes].map(([file, { name }]) => [file, name]));
    return outcomes;
  }

  private intakeOf(plugin: PluginPath): Intake {
    const intake = this.intakes.get(plugin.file) ?? new Intake(plugin, this.options);
    this.intakes.set(plugin.file, intake);
    return intake;
  }

  /** Everything that is there or was there is unsettled, so that nothing counts as new, broken or gone. */
  private wait(listed: Listed, reason: string): ReadonlyMap<string, Outcome> {
    const names = new Map(this.names);
    for (const [file, { name }] of listed) names.set(file, name);
    return new Map([...names].map(([file, name]) => [file, { state: 'unsettled', name, reason }]));
  }
}

/** By file: what may be a plugin, and what cannot be one. */
type Listed = ReadonlyMap<string, PluginPath | Outcome>;

function list(folder: string): Listed {
  const listed = new Map<string, PluginPath | Outcome>();
  const entries: FolderEntry[] = [];
  for (const file of readdirSync(folder).toSorted()) {
    if (isSkipped(file)) continue;
    try {
      const isFolder = statSync(join(folder, file)).isDirectory();
      entries.push({ file, kind: isFolder ? 'folder' : 'file' });
    } catch (error) {
      listed.set(file, failed(file, error));
    }
  }
  const { plugins, failures } = pluginsAmong(folder, entries);
  for (const [file, failure] of failures) listed.set(file, { state: 'failed', name: failure.name, failure });
  for (const plugin of plugins) listed.set(plugin.file, plugin);
  return listed;
}

/** `mark` changes with the list of files, too. */
function rootOf(folder: string): { real: string; identity: string; mark: string } {
  const real = realpathSync.native(folder);
  const { ino, birthtimeNs, mtimeNs, ctimeNs } = statSync(real, { bigint: true });
  // An inode is soon used again; the time of birth tells the folders apart.
  const identity = `${real}:${ino}:${birthtimeNs}`;
  return { real, identity, mark: `${identity}:${mtimeNs}:${ctimeNs}` };
}
