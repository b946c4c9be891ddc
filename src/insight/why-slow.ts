/** The slowest per cent of the recent calls in groups of one tool and one cause, the most lost time first. */
import type { SlowCall } from '../dispatch/slow-calls.ts';
import type { Phase } from '../wire/phases.ts';
import { adviceFor } from './advice.ts';
import { type Cause, type Explained, explain, type Surroundings } from './cause.ts';

export interface SlowReport {
  /** False: the setting `phases` is off, so nothing is known. */
  readonly isMeasured: boolean;
  /** Calls of the last one to two minutes; the slowest per cent of them is looked at. */
  readonly seen: number;
  readonly slow: number;
  /** Of the fastest and the slowest of them, in ms; undefined: there are none. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly groups: readonly SlowGroup[];
}

export interface SlowGroup {
  /** `plugin/tool` */
  readonly tool: string;
  readonly cause: Cause;
  /** The group's, and all slow ones of this tool. */
  readonly calls: number;
  readonly ofCalls: number;
  /** The phase that took the most over the usual; medians over the group, in ms. */
  readonly phase: Phase;
  readonly phaseMs: number;
  /** Undefined: the tool was called too rarely to tell. */
  readonly usualMs: number | undefined;
  readonly totalMs: number;
  /** The slowest call, as its caller and the log know it. */
  readonly requestId: string;
  /** What would change it. */
  readonly advice: string;
  readonly settings: readonly string[];
}

export interface SlowSample {
  readonly seen: number;
  /** Slowest first. */
  readonly calls: readonly SlowCall[];
}

export function whySlow({ seen, calls }: SlowSample, around: Surroundings): SlowReport {
  const explained = calls.map((call) => explain(call, around));
  const ofTool = Map.groupBy(calls, ({ tool }) => tool);
  const groups = Map.groupBy(explained, ({ call, cause }) => `${call.tool} ${JSON.stringify(cause)}`);
  return {
    isMeasured: true,
    seen,
    slow: calls.length,
    fromMs: calls.at(-1)?.duration,
    toMs: calls[0]?.duration,
    groups: [...groups.values()]
      .toSorted((a, b) => lost(b) - lost(a))
      .flatMap(([first, ...rest]) => {
        if (first === undefined) return [];
        const { tool } = first.call;
        return groupOf(first, [first, ...rest], around.nameOf(tool), ofTool.get(tool)?.length ?? 0);
      }),
  };
}

/** When nothing is measured. */
export const UNMEASURED: SlowReport = {
  isMeasured: false,
  seen: 0,
  slow: 0,
  fromMs: undefined,
  toMs: undefined,
  groups: [],
};

function groupOf(slowest: Explained, all: readonly Explained[], tool: string, ofCalls: number): SlowGroup {
  const { cause, call } = slowest;
  // Calls without a cause can have different phases in front: the slowest one's stands for them.
  const alike = all.filter(({ phase }) => phase === slowest.phase);
  const { sentence, settings } = adviceFor(cause);
  return {
    tool,
    cause,
    calls: all.length,
    ofCalls,
    phase: slowest.phase,
    phaseMs: median(alike.map(({ phaseMs }) => phaseMs)),
    usualMs: slowest.usualMs,
    totalMs: median(alike.map((one) => one.call.duration)),
    requestId: call.requestId,
    advice: sentence,
    settings,
  };
}

/** Milliseconds over the usual, in all. */
function lost(group: readonly Explained[]): number {
  return group.reduce((sum, { phaseMs, usualMs = 0 }) => sum + Math.max(0, phaseMs - usualMs), 0);
}

/** The upper one of two in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
