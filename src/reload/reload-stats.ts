/** How reloads have ended since the process started. */
import type { ActionReport } from './control.ts';

/** Upper bounds in seconds; the last bucket is +Inf. */
export const RELOAD_BOUNDS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class ReloadStats {
  /** By outcome. */
  readonly outcomes = new Map<ActionReport['outcome'], number>();
  /** Completed rolls: one count per bound and one for +Inf, not cumulative; the sum in seconds. */
  readonly durations = { counts: [...RELOAD_BOUNDS, Infinity].map(() => 0), sum: 0 };

  record(report: ActionReport): void {
    this.outcomes.set(report.outcome, this.rolls(report.outcome) + 1);
    if (report.outcome !== 'rolled') return;
    const seconds = report.ms / 1000;
    const within = RELOAD_BOUNDS.findIndex((bound) => seconds <= bound);
    const bucket = within === -1 ? RELOAD_BOUNDS.length : within;
    this.durations.counts[bucket] = (this.durations.counts[bucket] ?? 0) + 1;
    this.durations.sum += seconds;
  }

  /** The generation that serves, counted from 1: each completed roll begins one. */
  get generation(): number {
    return 1 + this.rolls('rolled');
  }

  private rolls(outcome: ActionReport['outcome']): number {
    return this.outcomes.get(outcome) ?? 0;
  }
}
