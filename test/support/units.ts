/**
 * Test files that share a process. Each process of the suite takes most of a second before its first line, which is more
 * than most files need for all they check; so files that leave nothing behind in their process are named
 * `<topic>.unit.ts`. Those of one folder run in one process, the folder's `units.test.ts`; those of all folders without
 * one run in `brief-folders.test.ts`, together with the tests of the example plugins. Files that begin with a server of
 * their own are named `<topic>.serial.ts` and share the folder's `serial.test.ts`. Each can be run by itself too:
 * `npx tap run test/wire/outcome.unit.ts`.
 */
import { globSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { basename, dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import tap, { test } from 'tap';

/** What a folder has where its units have a process of their own. */
const OWN_PROCESS = 'units.test.ts';

/** Adds the tests of all units under a folder. */
export function runUnits(folder: string): void {
  runAll(globSync('**/*.unit.ts', { cwd: folder }).map((unit) => join(folder, unit)));
}

/** Adds the tests of the units below a folder that have no process of their own, and of more files. */
export function runBriefUnits(folder: string, more: readonly string[]): void {
  const apart = globSync(`**/${OWN_PROCESS}`, { cwd: folder }).map(dirname);
  const units = globSync('**/*.unit.ts', { cwd: folder }).filter(
    (unit) => !apart.some((own) => unit.startsWith(own + sep)),
  );
  runAll([...units.map((unit) => join(folder, unit)), ...more]);
}

/** They begin when all are loaded, so that no loading disturbs one. */
function runAll(files: readonly string[]): void {
  test('the units load', async (t) => {
    t.not(files.length, 0);
    for (const file of files.toSorted()) await import(pathToFileURL(file).href);
    // Now, not at its end: this process goes on for long, and others need the same code.
    flushCompileCache();
  });
}

/** Adds the tests of a folder's serial files: each file is loaded when what the one before began has been ended. */
export function runSerially(folder: string): void {
  const files = globSync('**/*.serial.ts', { cwd: folder }).toSorted();
  if (files.length === 0) throw new Error(`no serial files in ${folder}`);
  runNext(files.map((file) => join(folder, file)));
}

function runNext([file, ...later]: readonly string[]): void {
  if (file === undefined) return;
  const name = basename(file, '.serial.ts');
  test(`${name} begins`, async () => {
    const ends: (() => unknown)[] = [];
    // What tap would do at the end of the process.
    tap.teardown = (end) => {
      ends.unshift(end);
      return tap;
    };
    await import(pathToFileURL(file).href);
    flushCompileCache();
    // Behind the tests the file has added.
    test(`${name} ends`, async () => {
      for (const end of ends) await end();
    });
    runNext(later);
  });
}
