/** How the exploration tests put their question. */
import type { Test } from 'tap';
import { explore } from '../../support/explorer.ts';
import type { Model } from '../../support/explorer-model.ts';

const round = (count: number): string => (count < 1e6 ? `${count}` : count.toExponential(1));

/** Passes if every schedule of the model ends well; says how many there are. */
export function holds<Event>(t: Test, name: string, model: Model<Event>): void {
  const started = performance.now();
  const { states, schedules, cut, violation } = explore(model);
  const extent = model.preemptions === undefined ? 'all' : `at most ${model.preemptions} preemptions`;
  const milliseconds = Math.round(performance.now() - started);
  t.comment(
    `${name}: ${extent}; ${states} states, ${round(schedules)} schedules, ${cut} cut, ${milliseconds} ms`,
  );
  if (violation !== undefined) t.fail(`${name}: ${violation.reason}`, { schedule: violation.schedule });
  else if (model.preemptions === undefined)
    t.equal(cut, 0, `${name}: every schedule was followed to its end`);
  else t.ok(cut > 0, `${name}: every schedule within the bound ends well`);
}
