/** What `why-slow` is judged by, read from the running server. */
import type { SeatIndex, ToolId } from '../core/brand.ts';
import { phaseReading } from '../dispatch/phase-reading.ts';
import type { SlowCalls } from '../dispatch/slow-calls.ts';
import { DURATION_BOUNDS, type Meters } from '../shm/meters.ts';
import type { Pauses } from '../shm/pauses.ts';
import type { ToolBinding } from '../wire/catalogue.ts';
import type { Phase } from '../wire/phases.ts';
import type { Surroundings } from './cause.ts';
import { countOf, quantile } from './distribution.ts';
import { type SlowReport, UNMEASURED, whySlow } from './why-slow.ts';

export interface SlowSources {
  readonly meters: Meters;
  readonly pauses: Pauses;
  readonly slowCalls: Pick<SlowCalls, 'slowestPercent'>;
  /** Worker seats; the row of pauses behind them is the main thread's. */
  readonly seats: number;
  /** The setting `phases`. */
  readonly isMeasured: boolean;
  readonly tools: () => readonly ToolBinding[];
  /** Seats with a worker. */
  readonly workers: () => readonly SeatIndex[];
}

/** `only`: of one tool alone. */
export function slowReport(sources: SlowSources, only?: ToolId): SlowReport {
  if (!sources.isMeasured) return UNMEASURED;
  const { meters, pauses, seats, tools } = sources;
  const names = new Map(tools().map(({ id, plugin, tool }) => [id, `${plugin}/${tool}`]));
  const around: Surroundings = {
    usualMs: (tool, phase) => usualMs(meters, tool, phase),
    workers: new Map(sources.workers().map((seat) => [seat, pauses.of(seat)])),
    main: pauses.of(seats as SeatIndex),
    nameOf: (tool) => names.get(tool) ?? `tool ${tool}`,
  };
  return whySlow(sources.slowCalls.slowestPercent(only), around);
}

/** Fewer calls than this do not say what is usual: the slow one may be half of them. */
const ENOUGH = 20;

/** The median since the start. */
function usualMs(meters: Meters, tool: ToolId, phase: Phase): number | undefined {
  const reading = phaseReading(meters, tool, phase);
  if (countOf(reading) < ENOUGH) return undefined;
  const seconds = quantile(reading, DURATION_BOUNDS, 0.5);
  return seconds === undefined ? undefined : seconds * 1000;
}
