/**
 * The word of whoever writes plugins that they are not to be picked up yet: a file `.hotlane-lock` in a plugin's
 * folder, or in the folder of all plugins. Deploy scripts make it before and remove it after.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../core/log.ts';

export const LOCK_FILE = '.hotlane-lock';

export class WriteLocks {
  private readonly staleMs: number;
  private readonly log: Pick<Log, 'warn'>;
  /** Paths of stale locks that have been told of. */
  private readonly told = new Set<string>();

  /** A lock whose time is further than `staleMs` from now was left behind by a script that died, and locks nothing. */
  constructor(staleMs: number, log: Pick<Log, 'warn'>) {
    this.staleMs = staleMs;
    this.log = log;
  }

  isHeld(folder: string): boolean {
    const path = join(folder, LOCK_FILE);
    const lock = statSync(path, { throwIfNoEntry: false });
    // A lock from the future, by a clock that was set back, must not lock for ever: so the distance counts.
    const isStale = lock !== undefined && Math.abs(Date.now() - lock.mtimeMs) > this.staleMs;
    if (!isStale) this.told.delete(path);
    else if (!this.told.has(path)) {
      this.told.add(path);
      this.log.warn('a lock file is older than any deployment should take and is ignored', { path });
    }
    return lock !== undefined && !isStale;
  }
}
