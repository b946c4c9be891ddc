/**
 * Where the code of a thread is. A thread loads a hundred files of ours and of its packages, each looked up, read and
 * checked for itself, which takes it twice as long as one file with the same in it. `scripts/join-threads.ts` makes that
 * one; it is taken while it is made of the very sources that are there, so that who changes a source runs what they wrote.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';

/** The first module of each kind of thread: its path in the package, without extension. */
export const THREADS = ['workers/serve', 'workers/probe', 'src/oauth/thread/run'] as const;

export type ThreadName = (typeof THREADS)[number];

/** Where joined code is, below the package's folder. */
export const JOINED = 'build/threads/';
/** There too: what it is made of. */
export const MADE_OF = 'made-of.json';

/** The files, as paths in the package, and `digestOf` them. */
export interface MadeOf {
  readonly files: readonly string[];
  readonly digest: string;
}

const HERE = new URL('../../', import.meta.url);

let joined: boolean | undefined;

/** The module a thread of this kind starts with. The same as long as the process lives. */
export function threadCode(name: ThreadName): URL {
  joined ??= isJoined(HERE);
  if (joined) return new URL(`${JOINED}${name}.js`, HERE);
  // In the language of this file: TypeScript in a checkout, JavaScript in the package.
  return new URL(`${name}${extname(import.meta.url)}`, HERE);
}

/** Whether there is joined code of the present sources below `root`. */
export function isJoined(root: URL): boolean {
  try {
    const { files, digest }: MadeOf = JSON.parse(readFileSync(new URL(`${JOINED}${MADE_OF}`, root), 'utf8'));
    return digestOf(files, root) === digest;
  } catch {
    // Never made, or a source has gone.
    return false;
  }
}

/** Of names and contents. Throws where a file cannot be read. */
export function digestOf(files: readonly string[], root: URL): string {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(new URL(file, root)));
    hash.update('\0');
  }
  return hash.digest('hex');
}
