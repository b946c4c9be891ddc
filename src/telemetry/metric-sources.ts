/** Where what is counted lies. */
import type { SeatIndex, ToolId } from '../core/brand.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { WorkerPool } from '../pool/worker-pool.ts';
import type { PluginView } from '../reload/control.ts';
import type { ReloadStats } from '../reload/reload-stats.ts';
import type { Arena } from '../shm/arena.ts';
import type { Meters } from '../shm/meters.ts';
import type { OutboundTotals } from './outbound-totals.ts';

/** Questions about the grants of users that were answered alike. */
export interface TokenAnswers {
  readonly question: string;
  /** What was answered, or the code of why not. */
  readonly outcome: string;
  readonly count: number;
}

export interface MetricSources {
  readonly meters: Meters;
  /** Worker seats; the meters' row behind them is the main thread's. */
  readonly seats: number;
  readonly arena: Arena;
  readonly dispatcher: Dispatcher;
  readonly front: { readonly refusals: ReadonlyMap<string, number> };
  readonly pool: WorkerPool;
  readonly reloads: ReloadStats;
  readonly outbound: OutboundTotals;
  /** Requests to the event callback by how they ended; undefined: none are taken. */
  readonly events: Readonly<Record<string, number>> | undefined;
  /** Undefined: the settings name no OAuth app. */
  readonly tokens: { all(): readonly TokenAnswers[] } | undefined;
  readonly plugins: () => readonly PluginView[];
  /** The tools that have a number now. */
  readonly tools: () => readonly { readonly id: ToolId; readonly plugin: string; readonly tool: string }[];
}

/** Seats that have ever had a worker. */
export function seatRows({ meters, seats }: MetricSources): SeatIndex[] {
  return Array.from({ length: seats }, (_, seat) => seat as SeatIndex).filter(
    (seat) => meters.seat(seat).busy > 0,
  );
}
