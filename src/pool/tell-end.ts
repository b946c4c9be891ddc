/** The log line that says how a thread ended. */
import type { Log } from '../core/log.ts';
import type { Occupant } from './seat-table.ts';
import type { ThreadEnd } from './thread.ts';

/** `failedCalls`: calls it held, which were answered with an error. */
export function tellEnd(
  log: Log,
  { thread, deployment }: Occupant,
  end: ThreadEnd,
  failedCalls: number,
): void {
  const { seat } = thread;
  switch (end.kind) {
    case 'drained':
      return;
    case 'terminated':
      if (deployment === undefined) log.debug('standby thread ended', { seat, reason: end.reason });
      else log.warn('worker ended', { seat, reason: end.reason, failedCalls });
      return;
    case 'crashed':
      log.error('worker crashed', { seat, reason: end.reason, failedCalls });
      return;
    default:
      end satisfies never;
  }
}
