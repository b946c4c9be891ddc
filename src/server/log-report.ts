/** A change of the plugins as log lines: one for each plugin that changed or was refused. */
import type { Log } from '../core/log.ts';
import type { ActionReport } from '../reload/control.ts';
import { shortHash } from '../reload/version-numbers.ts';

export function logReport(log: Log, report: ActionReport): void {
  switch (report.outcome) {
    case 'rolled':
    case 'done':
      for (const { plugin, from, to } of report.changes) {
        log.info('plugin changed', { plugin, from: shown(from), to: shown(to), ms: report.ms });
      }
      return;
    case 'unchanged':
      return;
    case 'rejected':
      for (const problem of report.problems) log.error('plugin version refused', { ...problem });
      return;
    case 'rolled-back':
      log.error('plugin version taken back', { reason: report.reason, ms: report.ms });
      return;
    case 'refused':
      log.warn('plugins not changed', { reason: report.reason });
      return;
  }
}

function shown(hash: string | undefined): string | undefined {
  return hash === undefined ? undefined : shortHash(hash);
}
