/** What package.json says about hotlane itself. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

export interface Manifest {
  readonly version: string;
  /** The Node versions that can run hotlane, as `>=24.12`. */
  readonly nodeRange: string;
  /** Absolute path of the package. */
  readonly packageRoot: string;
}

export function readManifest(): Manifest {
  const require = createRequire(import.meta.url);
  // A package may ask for its own files by its name, so this holds wherever in the package the code lies.
  const path = require.resolve('hotlane/package.json');
  const manifest: { version: string; engines: { node: string } } = require(path);
  return { version: manifest.version, nodeRange: manifest.engines.node, packageRoot: dirname(path) };
}
