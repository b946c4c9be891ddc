/**
 * Hints that something in the plugin folder may have changed. Only hints: events are lost, doubled, and come in the
 * middle of a change. What is true is found by a pass over the folder.
 */
import { relative, sep } from 'node:path';
import { LOCK_FILE } from './write-lock.ts';

export interface HintWatch {
  close(): Promise<void>;
}

export interface HintListener {
  onHint(): void;
  /** The watch has begun; what changed before went unseen. */
  onReady(): void;
  onError(error: unknown): void;
}

/** `folder`: with links resolved. When it is moved away or replaced, this goes on watching the old one. */
export async function watchHints(folder: string, listener: HintListener): Promise<HintWatch> {
  const { watch } = await import('chokidar');
  const watcher = watch(folder, {
    ignoreInitial: true,
    // Else a removed file would be told of 100 ms later.
    atomic: false,
    ignored: (path) => relative(folder, path).split(sep).some(isIgnored),
  });
  watcher.on('all', () => listener.onHint());
  watcher.on('ready', () => listener.onReady());
  watcher.on('error', (error) => listener.onError(error));
  return { close: () => watcher.close() };
}

/** `..data` and `..2026_01_02` are how Kubernetes replaces all files of a volume at once. */
function isIgnored(part: string): boolean {
  return part === 'node_modules' || (part.startsWith('.') && !part.startsWith('..') && part !== LOCK_FILE);
}
