/** Folders for logs and scripts of one run, all removed at its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let root: string | undefined;

/** Makes a folder of its own in the system's temporary folder. */
export function tempFolder(purpose: string): string {
  root ??= mkdtempSync(join(tmpdir(), 'hotlane-bench-'));
  return mkdtempSync(join(root, `${purpose}-`));
}

/** Removes them all; synchronous, since it is called when the process exits. */
export function removeTempFolders(): void {
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
}
