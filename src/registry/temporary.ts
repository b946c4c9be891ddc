/**
 * Names for folders and files that are being made or taken away, and which of them were left behind by a process
 * that was killed. The name tells whose it is, because several processes may share a store.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

const NAME = /^\.tmp-(.+)-(\d+)-[0-9a-f]{8}$/;
const HOST = hostname().replaceAll(/[^A-Za-z0-9.-]/g, '_');
/** Milliseconds after which nobody can still be busy with it. */
const OLDEST_MS = 60 * 60 * 1000;

export function temporaryName(): string {
  return `.tmp-${HOST}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** `changedMs`: when the folder last changed, in Unix milliseconds. */
export function isLeftover(file: string, changedMs: number): boolean {
  const [, host, pid] = NAME.exec(file) ?? [];
  if (host === undefined || pid === undefined) return false;
  if (Date.now() - changedMs > OLDEST_MS) return true;
  // Processes of another machine or container cannot be asked after.
  if (host !== HOST) return false;
  // In a container the server has the same process id in every life.
  return Number(pid) === process.pid ? changedMs < performance.timeOrigin : !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as somebody else.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
