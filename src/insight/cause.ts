/**
 * Why one call was slow: the phase that took the most over what is usual for its tool, and whether a pause of a thread
 * covers that phase.
 *
 *   read          queue                    parse  validate  run  encode     send
 *   main thread   its worker, or as many   its worker                       main thread
 *                 workers that the rest
 *                 could not make up for it
 */
import type { SeatIndex } from '../core/brand.ts';
import type { SlowCall } from '../dispatch/slow-calls.ts';
import type { Pause, PauseKind } from '../shm/pauses.ts';
import { PHASES, type Phase } from '../wire/phases.ts';

export type Cause =
  /** No phase took much more than usual. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'phase'; readonly phase: Phase }
  /** A thread stood still. `by`: 'itself': a call of the same tool held it, another tool's name, undefined: not known. */
  | {
      readonly kind: 'pause';
      readonly phase: Phase;
      readonly pause: PauseKind;
      readonly thread: 'worker' | 'main';
      readonly by: 'itself' | string | undefined;
    };

/** What was going on in the server around the slow calls. */
export interface Surroundings {
  /** Milliseconds that a phase of this tool's calls usually takes; undefined: too few calls to tell. */
  readonly usualMs: (tool: SlowCall['tool'], phase: Phase) => number | undefined;
  /** By seat; those that have a worker. */
  readonly workers: ReadonlyMap<SeatIndex, readonly Pause[]>;
  readonly main: readonly Pause[];
  /** `plugin/tool` */
  readonly nameOf: (tool: SlowCall['tool']) => string;
}

/** One call with its cause. */
export interface Explained {
  readonly call: SlowCall;
  readonly cause: Cause;
  /** The phase that took the most over the usual, and both in milliseconds. */
  readonly phase: Phase;
  readonly phaseMs: number;
  readonly usualMs: number | undefined;
}

/** A phase stands out when its excess is at least this share of the call ... */
const SHARE_OF_CALL = 1 / 3;
/** ... and of the phase itself, which then took at least twice its usual time. */
const SHARE_OF_PHASE = 1 / 2;
/** A pause explains a phase when it covers at least this share of its excess. */
const SHARE_OF_EXCESS = 1 / 2;

interface Stretch {
  readonly phase: Phase;
  /** Milliseconds on the pauses' clock. */
  readonly begin: number;
  readonly end: number;
  readonly usual: number | undefined;
  readonly excess: number;
}

export function explain(call: SlowCall, around: Surroundings): Explained {
  const stretch = worst(call, around);
  const { phase, begin, end, usual, excess } = stretch;
  const phaseMs = end - begin;
  const found = { call, phase, phaseMs, usualMs: usual };
  if (excess < SHARE_OF_CALL * call.duration || excess < SHARE_OF_PHASE * phaseMs) {
    return { ...found, cause: { kind: 'nothing' } };
  }
  return { ...found, cause: pauseIn(stretch, call, around) ?? { kind: 'phase', phase } };
}

/** The phase with the largest excess. */
function worst({ begin, tool, phases }: SlowCall, { usualMs }: Surroundings): Stretch {
  let at = begin;
  const stretches = PHASES.map((phase): Stretch => {
    const ms = phases[phase] / 1000;
    const usual = usualMs(tool, phase);
    const stretch = { phase, begin: at, end: at + ms, usual, excess: Math.max(0, ms - (usual ?? 0)) };
    at = stretch.end;
    return stretch;
  });
  return stretches.reduce((largest, one) => (one.excess > largest.excess ? one : largest));
}

/** The pause that covers enough of the stretch; a garbage collection before a stall, which it may have made. */
function pauseIn(stretch: Stretch, call: SlowCall, around: Surroundings): Cause | undefined {
  const { phase } = stretch;
  const thread = phase === 'read' || phase === 'send' ? 'main' : 'worker';
  const rows = thread === 'main' ? [around.main] : workersThatMatter(stretch, call, around);
  for (const pause of ['gc-full', 'gc-young', 'stall'] as const) {
    for (const row of rows) {
      const covering = row.filter((one) => one.kind === pause && overlap(one, stretch) > 0);
      if (!covers(covering, stretch)) continue;
      const longest = covering.reduce((a, b) => (overlap(b, stretch) > overlap(a, stretch) ? b : a));
      const { tool } = longest;
      const by = tool === undefined ? undefined : tool === call.tool ? 'itself' : around.nameOf(tool);
      return { kind: 'pause', phase, pause, thread, by };
    }
  }
  return undefined;
}

/** A call in the queue can be taken by any worker: one that stands still keeps it waiting only where few others are. */
function workersThatMatter(
  stretch: Stretch,
  call: SlowCall,
  { workers }: Surroundings,
): (readonly Pause[])[] {
  const own = workers.get(call.seat);
  const rows = own === undefined ? [] : [own];
  if (stretch.phase !== 'queue') return rows;
  const still = [...workers.values()].filter((row) => covers(row, stretch));
  return 2 * still.length >= workers.size ? [...rows, ...still] : rows;
}

function covers(pauses: readonly Pause[], stretch: Stretch): boolean {
  const covered = pauses.reduce((sum, pause) => sum + overlap(pause, stretch), 0);
  return covered >= SHARE_OF_EXCESS * stretch.excess;
}

function overlap(pause: Pause, { begin, end }: Stretch): number {
  return Math.max(0, Math.min(end, pause.begin + pause.duration) - Math.max(begin, pause.begin));
}
