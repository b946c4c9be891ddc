/**
 * A plugin folder with a scanner on it, and every view it has ever shown, as the texts of the copies.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LogFields } from '../../src/core/log.ts';
import { Scanner, type ScannerOptions } from '../../src/registry/scanner.ts';
import { VersionStore } from '../../src/registry/version-store.ts';
import type { View } from '../../src/registry/view.ts';
import { until } from '../support/calls.ts';

/** The entries' texts by plugin, or why there is no folder. */
export type Shown = Readonly<Record<string, string>> | string;

export interface ScannedFolder {
  /** The plugin folder; `outside` lies beside it. */
  readonly folder: string;
  readonly outside: string;
  readonly scanner: Scanner;
  /** Oldest first; the first is of the folder as it was given. */
  readonly views: View[];
  readonly shown: Shown[];
  readonly warnings: { readonly message: string; readonly fields: LogFields | undefined }[];
  readonly hints: () => number;
  /** Writes files, with their folders; by path below the plugin folder. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves when the last view shows this. */
  untilShown(what: Shown): Promise<void>;
}

interface Teardown {
  teardown(work: () => Promise<void>): void;
}

/** Resolves when the first view has been shown and the folder is being watched. */
export async function scanFolder(
  t: Teardown,
  files: Readonly<Record<string, string>>,
  options: Partial<ScannerOptions> = {},
): Promise<ScannedFolder> {
  const outside = realpathSync(await mkdtemp(join(tmpdir(), 'registry-')));
  const folder = options.folder ?? join(outside, 'plugins');
  const store = await VersionStore.open(join(outside, 'versions'));
  const write = (some: Readonly<Record<string, string>>): Promise<void> => writeFiles(folder, some);
  await mkdir(join(outside, 'plugins'));
  await writeFiles(join(outside, 'plugins'), files);
  const views: View[] = [];
  const shown: Shown[] = [];
  const warnings: ScannedFolder['warnings'] = [];
  let hints = 0;
  const scanner = new Scanner({
    keep: (content) => store.keep(content),
    log: { warn: (message, fields) => void warnings.push({ message, fields }) },
    onView: (view) => {
      views.push(view);
      shown.push(textsOf(view));
    },
    onHint: () => hints++,
    ...options,
    folder,
  });
  t.teardown(async () => {
    await scanner.close();
    await rm(outside, { recursive: true, force: true });
  });
  await scanner.rescan();
  const untilShown = (what: Shown): Promise<void> =>
    until(`the view is ${JSON.stringify(what)}`, () => JSON.stringify(shown.at(-1)) === JSON.stringify(what));
  return { folder, outside, scanner, views, shown, warnings, hints: () => hints, write, untilShown };
}

export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

function textsOf(view: View): Shown {
  if (view.state === 'no-folder') return view.reason;
  return Object.fromEntries(
    [...view.versions].map(([name, { entry }]) => [name, readFileSync(entry, 'utf8')]),
  );
}
