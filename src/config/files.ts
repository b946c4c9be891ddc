/** What reading the configuration needs of the file system; tests bring their own. */
import { readFileSync, statSync } from 'node:fs';

export type FileContent =
  | { readonly outcome: 'text'; readonly text: string }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** Paths are absolute. Nothing here throws. */
export interface Files {
  read(path: string): FileContent;
  isFolder(path: string): boolean;
}

/** The real file system, synchronously: this happens once, before there is anything else to do. */
export const disk: Files = {
  read(path) {
    try {
      return { outcome: 'text', text: readFileSync(path, 'utf8') };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { outcome: 'missing' };
      return { outcome: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
    }
  },
  isFolder: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
};
