#!/usr/bin/env node
/**
 * Joins the code of each kind of thread, with the packages it uses, into one file, for src/core/thread-code.ts. npm runs
 * it after an install and before tests and benches; what is joined already is left alone. Takes the folder of the package
 * as its argument; without one, that of this script.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { digestOf, isJoined, JOINED, MADE_OF, type MadeOf, THREADS } from '../src/core/thread-code.ts';

/** Starts a thread with a file that lies beside its code. Loaded when a plugin has a pattern to check, one file anyway. */
const ALONE = ['recheck'];

/** What CommonJS packages ask for Node's modules with, and an ES module does not have. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`;

/** What of `inputs` says whether they changed: the sources; of a package its package.json, as each version has its own. */
function tellingOf(inputs: readonly string[]): string[] {
  const PACKAGES = 'node_modules/';
  const files = inputs
    // Packages around the folder that is to be published are those of its users then.
    .filter((path) => !path.startsWith('..'))
    .map((path) => {
      const at = path.lastIndexOf(PACKAGES) + PACKAGES.length;
      if (at < PACKAGES.length) return path;
      const [scope = '', name = ''] = path.slice(at).split('/');
      return `${path.slice(0, at)}${scope.startsWith('@') ? `${scope}/${name}` : scope}/package.json`;
    });
  return [...new Set(files)].toSorted();
}

async function join(root: string): Promise<void> {
  const { build } = await import('esbuild');
  const out = `${root}/${JOINED}`;
  const made = `${out.slice(0, -1)}-${process.pid}/`;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: THREADS.map((name) => `./${name}`),
    outdir: made,
    outbase: root,
    // Not beside the folder of the entries: what a stack has of the host is told by its folder.
    chunkNames: 'workers/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    external: ALONE,
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: 'warning',
  });
  const files = tellingOf(Object.keys(metafile.inputs));
  const madeOf: MadeOf = { files, digest: digestOf(files, pathToFileURL(`${root}/`)) };
  writeFileSync(`${made}${MADE_OF}`, `${JSON.stringify(madeOf, null, 1)}\n`);
  // At once: a server may be running.
  rmSync(out, { recursive: true, force: true });
  renameSync(made, out);
}

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
try {
  if (!isJoined(pathToFileURL(`${root}/`))) await join(root);
} catch (error) {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
  process.stderr.write(
    'esbuild is not installed: threads will start from the sources, which takes them longer\n',
  );
}
