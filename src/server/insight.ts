/** Connects the insight endpoints to the parts of the server. Loaded when somebody asks. */
import type { Insight } from '../admin/insight-endpoints.ts';
import { Examiner } from '../insight/examiner.ts';
import { type LiveSources, liveView, liveWorkers } from '../insight/live-view.ts';
import { type SlowSources, slowReport } from '../insight/slow-evidence.ts';
import type { AdminSources } from './admin.ts';

export function makeInsight(sources: AdminSources): Insight {
  const { arena, dispatcher, meters, pauses, pool, seats, settings, table } = sources;
  const tools = () => table.known;
  const live: LiveSources = { arena, dispatcher, meters, pool, tools };
  const slow: SlowSources = {
    meters,
    pauses,
    slowCalls: dispatcher.slowCalls,
    seats,
    isMeasured: settings.phases,
    tools,
    workers: () => pool.view().map(({ seat }) => seat),
  };
  return {
    live: () => liveView(live),
    workers: () => liveWorkers(live),
    slow: () => slowReport(slow),
    slowOf: (plugin, tool) => {
      const [id] = table.idsOf([{ plugin, tool }]);
      return id === undefined ? undefined : slowReport(slow, id);
    },
    examiner: new Examiner(pool),
  };
}
