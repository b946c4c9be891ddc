/**
 * Test files that share a process. Each process of the suite takes half a second before its first line, which is more
 * than most files need for all they check; so files that leave nothing behind in their process are named
 * `<topic>.unit.ts`, and those of one folder run in one process, the folder's `units.test.ts`. Each can be run by itself
 * too: `npx tap run test/wire/outcome.unit.ts`.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'tap';

/** Adds the tests of all units under a folder; they begin when all are loaded, so that no loading disturbs one. */
export function runUnits(folder: string): void {
  test('the units of the folder load', async (t) => {
    const units = globSync('**/*.unit.ts', { cwd: folder }).toSorted();
    t.not(units.length, 0);
    for (const unit of units) await import(pathToFileURL(join(folder, unit)).href);
  });
}
