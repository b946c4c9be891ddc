/** What a server did between two views of it. */
import { ERRORS } from '../core/errors.ts';
import { between, quantile } from './distribution.ts';
import type { LiveTool, LiveView, LiveWorker } from './live-view.ts';

export interface Rates {
  /** Milliseconds since the Unix epoch, at the end. */
  readonly time: number;
  /** From one view to the other. */
  readonly seconds: number;
  readonly uptimeSeconds: number;
  /** At the end, as the three that follow. */
  readonly queueDepth: number;
  readonly inFlight: number;
  readonly lingering: number;
  readonly rssMb: number;
  /** Processors used on average: 1.5 is one and a half. */
  readonly cpus: number;
  readonly callsPerSecond: number;
  readonly errorsPerSecond: number;
  readonly workers: readonly WorkerRates[];
  /** Those that were called, the most called first, and those whose circuit is not closed. */
  readonly tools: readonly ToolRates[];
}

export interface WorkerRates
  extends Pick<LiveWorker, 'seat' | 'state' | 'running' | 'heapMb' | 'externalMb' | 'endingForMs'> {
  /** Its thread did not get back to its loop in all that time. */
  readonly isStalled: boolean;
  /** Share of the time, 0 … 1. */
  readonly busy: number;
  readonly gc: number;
}

export interface ToolRates extends Pick<LiveTool, 'plugin' | 'tool' | 'circuit'> {
  readonly callsPerSecond: number;
  /** Failures of the server or the plugin; the caller's mistakes are none. */
  readonly errorsPerSecond: number;
  /** Undefined: none ended. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly waitP99Ms: number | undefined;
}

/** A shorter time without a turn is nothing strange: an idle thread looks up every tenth of a second. */
const STALL_SECONDS = 0.25;

/** Undefined when the views are not of one server's life, or of one moment. */
export function ratesBetween(earlier: LiveView, later: LiveView): Rates | undefined {
  const seconds = later.uptimeSeconds - earlier.uptimeSeconds;
  if (seconds <= 0) return undefined;
  const tools = later.tools.map((tool) => {
    const before = earlier.tools.find((one) => one.plugin === tool.plugin && one.tool === tool.tool);
    return toolRates(before, tool, later.bounds, seconds);
  });
  return {
    time: later.time,
    seconds,
    uptimeSeconds: later.uptimeSeconds,
    queueDepth: later.queueDepth,
    inFlight: later.inFlight,
    lingering: later.lingering,
    rssMb: later.process.rssMb,
    cpus: (later.process.cpuSeconds - earlier.process.cpuSeconds) / seconds,
    callsPerSecond: sum(tools.map((tool) => tool.callsPerSecond)),
    errorsPerSecond: sum(tools.map((tool) => tool.errorsPerSecond)),
    workers: later.workers.map((worker) => {
      const before = earlier.workers.find(({ seat }) => seat === worker.seat);
      return workerRates(before, worker, seconds);
    }),
    tools: tools
      .filter(({ callsPerSecond, circuit }) => callsPerSecond > 0 || (circuit && circuit.state !== 'closed'))
      .toSorted((a, b) => b.callsPerSecond - a.callsPerSecond),
  };
}

function workerRates(before: LiveWorker | undefined, now: LiveWorker, seconds: number): WorkerRates {
  const { seat, state, running, heapMb, externalMb, endingForMs } = now;
  const isAtWork = state === 'serving' || state === 'draining';
  const isStalled = isAtWork && before?.turns === now.turns && seconds >= STALL_SECONDS;
  const share = (from: number | undefined, to: number): number =>
    Math.min(1, Math.max(0, to - (from ?? 0)) / seconds);
  return {
    seat,
    state,
    running,
    heapMb,
    externalMb,
    endingForMs,
    isStalled,
    // It tells of the time only when it gets back.
    busy: isStalled ? 1 : share(before?.busySeconds, now.busySeconds),
    gc: share(before?.gcSeconds, now.gcSeconds),
  };
}

function toolRates(
  before: LiveTool | undefined,
  now: LiveTool,
  bounds: readonly number[],
  seconds: number,
): ToolRates {
  const { plugin, tool, circuit } = now;
  const ended = Object.entries(now.outcomes).map(([outcome, count]) => ({
    outcome,
    count: count - (before?.outcomes[outcome] ?? 0),
  }));
  const durations = between(before?.durations, now.durations);
  const waits = between(before?.waits, now.waits);
  return {
    plugin,
    tool,
    circuit,
    callsPerSecond: sum(ended.map(({ count }) => count)) / seconds,
    errorsPerSecond:
      sum(ended.filter(({ outcome }) => FAILURES.has(outcome)).map(({ count }) => count)) / seconds,
    p50Ms: inMs(quantile(durations, bounds, 0.5)),
    p99Ms: inMs(quantile(durations, bounds, 0.99)),
    waitP99Ms: inMs(quantile(waits, bounds, 0.99)),
  };
}

const FAILURES: ReadonlySet<string> = new Set(
  Object.entries(ERRORS)
    .filter(([, { status }]) => status >= 500)
    .map(([code]) => code.toLowerCase()),
);

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
