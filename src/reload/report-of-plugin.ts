/** Of a report on the whole folder, the part of one plugin. */
import type { ActionReport, PluginView } from './control.ts';

/** `now`: the plugin as it stands after the action; what it was refused for, it was refused for in this one. */
export function reportOfPlugin(
  plugin: string,
  report: ActionReport,
  now: PluginView | undefined,
): ActionReport {
  if (report.outcome === 'refused') return report;
  const { ms } = report;
  if (report.outcome === 'rolled' || report.outcome === 'done') {
    const changes = report.changes.filter((change) => change.plugin === plugin);
    if (changes.length > 0) return { ...report, changes };
  }
  if (now === undefined) return { outcome: 'refused', reason: `there is no plugin ${plugin}` };
  if (now.rejected === undefined) return { outcome: 'unchanged', ms };
  const { problem } = now.rejected;
  if (problem.step === 'roll') return { outcome: 'rolled-back', reason: problem.reason, ms };
  return { outcome: 'rejected', problems: [{ plugin, ...problem }], ms };
}
