/**
 * Closed-loop load: each connection sends its next request when the last one is answered. Says what a server
 * can do at most; nothing about latency, since a slow server is simply sent less.
 */
import type { Call } from './call.ts';

export interface ClosedLoopOrder {
  readonly port: number;
  readonly call: Call;
  readonly connections: number;
  /** Whole seconds. */
  readonly seconds: number;
}

export interface ClosedLoopReport {
  readonly generator: string;
  readonly requests: number;
  readonly seconds: number;
  /** Faults by reason. */
  readonly faults: Readonly<Record<string, number>>;
  /** CPU seconds of the generator per second (it has one thread): near 1 the generator is the limit. */
  readonly utilisation: number | undefined;
}

/** Makes closed-loop load in a process of its own; rejects when that process fails. */
export type ClosedLoopGenerator = (order: ClosedLoopOrder) => Promise<ClosedLoopReport>;

/** Above this the generator may well be what limits the figure. */
export const saturatedFrom = 0.9;
