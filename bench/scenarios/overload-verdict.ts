/** What the single calls of one overload say: who was served, how fast, who was refused, and whether rightly. */
import type { SentCall } from '../load/streams.ts';
import { percentile } from '../report/percentile.ts';

/** When each phase begins, in milliseconds from the first; the last one has an end as well. */
export interface OverloadPhases {
  readonly calmAt: number;
  readonly overloadAt: number;
  readonly recoveryAt: number;
  readonly endAt: number;
}

export interface OverloadVerdict {
  /** Right answers that arrived during the overload, per second. */
  readonly goodput: number;
  readonly acceptedP99Ms: number;
  /** Of refusals during which the sender did not stand still. NaN: there were none. */
  readonly refusedP99Ms: number;
  /** Of all refusals. */
  readonly refusedP99WithStallsMs: number;
  readonly refusedShare: number;
  /** Of the calls in the second second of calm, and of those a second after the load has fallen. */
  readonly calmP99Ms: number;
  readonly recoveredP99Ms: number;
  /** Calls that were neither answered rightly nor refused rightly, by reason. */
  readonly faults: Readonly<Record<string, number>>;
}

/** One line of the plugin's own count. */
export interface Execution {
  readonly serial: number;
  /** By `machineMs`. */
  readonly beganAt: number;
}

const refusals: ReadonlySet<string> = new Set(['OVERLOADED', 'QUEUE_FULL', 'PLUGIN_BUSY']);
const aSecond = 1000;

export function judgeOverload(
  calls: readonly SentCall[],
  executions: readonly Execution[],
  phases: OverloadPhases,
): OverloadVerdict {
  const { calmAt, overloadAt, recoveryAt } = phases;
  const during = between(calls, overloadAt, recoveryAt);
  const served = calls.filter(isServed);
  const servedDuring = served.filter(({ dueMs, latencyMs }) => {
    const end = dueMs + latencyMs;
    return end >= overloadAt && end < recoveryAt;
  });
  const refused = during.filter(({ status }) => status === 503);
  return {
    goodput: servedDuring.length / ((recoveryAt - overloadAt) / aSecond),
    acceptedP99Ms: percentile(latencies(during.filter(isServed)), 0.99),
    refusedP99Ms: percentile(latencies(refused.filter(({ isStalled }) => isStalled !== true)), 0.99),
    refusedP99WithStallsMs: percentile(latencies(refused), 0.99),
    refusedShare: refused.length / during.length,
    calmP99Ms: percentile(secondOf(calls, calmAt), 0.99),
    recoveredP99Ms: percentile(secondOf(calls, recoveryAt), 0.99),
    faults: tally([...calls.flatMap(faultOfCall), ...faultsOfExecutions(calls, executions)]),
  };
}

/** Latencies of the calls in the second second from `begin` on. One that was refused took for ever. */
function secondOf(calls: readonly SentCall[], begin: number): readonly number[] {
  return between(calls, begin + aSecond, begin + 2 * aSecond).map((call) =>
    isServed(call) ? call.latencyMs : Number.POSITIVE_INFINITY,
  );
}

function between(calls: readonly SentCall[], from: number, to: number): readonly SentCall[] {
  return calls.filter(({ dueMs }) => dueMs >= from && dueMs < to);
}

function latencies(calls: readonly SentCall[]): readonly number[] {
  return calls.map(({ latencyMs }) => latencyMs);
}

function isServed({ status, fault }: SentCall): boolean {
  return status === 200 && fault === undefined;
}

function faultOfCall({ status, code, retryAfter, fault }: SentCall): readonly string[] {
  if (fault !== undefined) return [fault];
  if (status === 200) return [];
  if (status !== 503 || code === undefined || !refusals.has(code)) {
    return [`status ${status} ${code ?? 'without a code'}`];
  }
  return retryAfter === undefined || retryAfter < 1 ? [`${code} without a Retry-After`] : [];
}

/** A worker may have taken a call just before its end and then not have got a core for a while. */
const coreMs = 20;

/**
 * What was executed although nobody was to get an answer. A call that expires while it runs is rightly in the count;
 * one that begins after its caller has been told so is not.
 */
export function faultsOfExecutions(
  calls: readonly SentCall[],
  executions: readonly Execution[],
): readonly string[] {
  const bySerial = Map.groupBy(executions, ({ serial }) => serial);
  return calls.flatMap((call) => {
    const own = bySerial.get(call.serial) ?? [];
    if (own.length > 1) return [`executed ${own.length} times`];
    if (isServed(call)) return own.length === 1 ? [] : ['answered without having been executed'];
    if (call.status === 503) return own.length === 0 ? [] : ['executed although refused'];
    return own.some(({ beganAt }) => beganAt > call.endedAt + coreMs) ? ['executed after its end'] : [];
  });
}

/** How often each reason occurs. */
export function tally(reasons: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** Reads the file that the plugin `counted` writes; calls of numbers below `from` are not looked for. */
export function readExecutions(text: string, from: number): readonly Execution[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [serial = Number.NaN, beganAt = Number.NaN] = line.split(' ').map(Number);
      return { serial, beganAt };
    })
    .filter(({ serial }) => serial >= from);
}
