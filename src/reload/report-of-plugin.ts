/** Of a report on the whole folder, the part of one plugin. */
import type { ActionReport } from './control.ts';

export function reportOfPlugin(plugin: string, report: ActionReport, isKnown: boolean): ActionReport {
  switch (report.outcome) {
    case 'rolled':
    case 'done': {
      const changes = report.changes.filter((change) => change.plugin === plugin);
      if (changes.length > 0) return { ...report, changes };
      break;
    }
    case 'rejected': {
      const problems = report.problems.filter((problem) => problem.plugin === plugin);
      if (problems.length > 0) return { ...report, problems };
      break;
    }
    default:
      return report;
  }
  return isKnown
    ? { outcome: 'unchanged', ms: report.ms }
    : { outcome: 'refused', reason: `there is no plugin ${plugin}` };
}
