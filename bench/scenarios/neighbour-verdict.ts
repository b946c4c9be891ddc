/** What the neighbours of a plugin in trouble noticed of it. */
import type { SentCall } from '../load/streams.ts';
import { percentile } from '../report/percentile.ts';
import { tally } from './overload-verdict.ts';

/** One stream of calls in a stretch of calm and in a stretch of trouble just behind it. */
export interface NeighbourVerdict {
  readonly calmP50Ms: number;
  readonly calmP99Ms: number;
  readonly troubledP50Ms: number;
  readonly troubledP99Ms: number;
  /** Calls that got no right answer, by reason. */
  readonly lost: Readonly<Record<string, number>>;
  readonly lostCalls: number;
  /** Of the calls in trouble, those during which the sender stood still. */
  readonly stalledShare: number;
}

/** `calmAt` to `troubleAt` is the calm, `troubleAt` to `endAt` the trouble; what was sent before warms up. */
export function judgeNeighbour(
  calls: readonly SentCall[],
  { calmAt, troubleAt, endAt }: Readonly<Record<'calmAt' | 'troubleAt' | 'endAt', number>>,
): NeighbourVerdict {
  const calm = latencies(calls, calmAt, troubleAt);
  const troubled = latencies(calls, troubleAt, endAt);
  const inTrouble = calls.filter(({ dueMs }) => dueMs >= troubleAt && dueMs < endAt);
  const stalled = inTrouble.filter(({ isStalled }) => isStalled === true);
  const lost = calls.flatMap(lossOf);
  return {
    calmP50Ms: percentile(calm, 0.5),
    calmP99Ms: percentile(calm, 0.99),
    troubledP50Ms: percentile(troubled, 0.5),
    troubledP99Ms: percentile(troubled, 0.99),
    lost: tally(lost),
    lostCalls: lost.length,
    stalledShare: stalled.length / inTrouble.length,
  };
}

/**
 * A call that was not answered rightly took for ever, however fast it was told so. Those during which the sender stood still
 * are left out: the more CPU time a machine uses, the more a hypervisor withholds of it, so there are more of them in trouble.
 */
function latencies(calls: readonly SentCall[], from: number, to: number): readonly number[] {
  return calls
    .filter(({ dueMs }) => dueMs >= from && dueMs < to)
    .filter((call) => call.isStalled !== true || lossOf(call).length > 0)
    .map((call) => (lossOf(call).length === 0 ? call.latencyMs : Number.POSITIVE_INFINITY));
}

function lossOf({ status, code, fault }: SentCall): readonly string[] {
  if (fault !== undefined) return [fault];
  return status === 200 ? [] : [`status ${status} ${code ?? 'without a code'}`];
}
