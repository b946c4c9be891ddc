#!/usr/bin/env -S node --max-semi-space-size=2
/** The command `hotlane`. Imports so little itself that a Node too old for the rest gets here and is refused. */
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

// JavaScript, not TypeScript: stripping the types of the very first file would load Node's stripper, which costs
// more than all the rest that happens here.
//
// Keep compiled code between runs, else every start and every worker thread loads Node's TypeScript stripper and
// strips each file again. First of all, because it helps what is imported later. The folder lies in the package:
// who can write to it could have changed the code itself. Where it is read-only, nothing is kept.
const inPackage = fileURLToPath(new URL('../../.hotlane/compile-cache', import.meta.url));
const { directory } = module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE ?? inPackage) ?? {};
// Worker threads take it from the environment they are given.
if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= inPackage;

// What the front leaves behind per call is garbage at once: 2 MiB for it do as well as the up to 64 that V8 would take in time.
// It has to be said when the process starts: in the first line here, and in package.json. It would hold for the worker
// threads too, which keep more and have a setting of their own; the main thread has its heap by now.
if (process.execArgv.includes('--max-semi-space-size=2')) v8.setFlagsFromString('--max-semi-space-size=0');

/** What keeps this Node from running hotlane; undefined: nothing. */
async function refusalOf() {
  try {
    const { readManifest } = await import('../config/manifest.ts');
    const { nodeRefusal } = await import('./node-version.ts');
    return nodeRefusal(process.versions.node, readManifest().nodeRange);
  } catch (error) {
    // So old that it cannot even load the sentence.
    if (error?.code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    return `hotlane needs a newer Node than ${process.versions.node}; npm scripts run the one it brings along.`;
  }
}

const refusal = await refusalOf();
if (refusal === undefined) {
  const { readManifest } = await import('../config/manifest.ts');
  const { run } = await import('./program.ts');
  await run(process.argv, readManifest());
} else {
  process.stderr.write(`${refusal}\n`);
  process.exitCode = 1;
}
