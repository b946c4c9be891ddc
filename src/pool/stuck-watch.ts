/**
 * Finds workers that do not get back to their loop, and the place that keeps them.
 *
 *   a call is overdue ─► silent for a moment ─► asked for its stack ─► still silent at the end of the grace period
 *                        └─ it beats: left alone                       └─► place logged ─► given up
 *
 * The grace period is never extended for the stack; a thread that does not tell it is inside native code.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../core/log.ts';
import type { Arena } from '../shm/arena.ts';
import { interruptedStack } from './interrupted-stack.ts';
import { type RunningCallSources, runningCall } from './running-call.ts';
import type { Occupant, SeatTable } from './seat-table.ts';
import { stuckPlace } from './stuck-place.ts';

/** A worker that was alerted and works otherwise beats within so many ms; at most a quarter of the grace. */
const PATIENCE = 40;
/** Milliseconds between two looks at workers that nobody complains about. */
const LOOK_EVERY = 500;

interface Place {
  readonly plugin: string | undefined;
  readonly where: string;
}

export interface StuckWatchOptions {
  readonly arena: Arena;
  readonly seats: SeatTable;
  readonly calls: RunningCallSources;
  readonly log: Log;
  /** In ms. */
  readonly graceMs: number;
  /** Longer than any call may take, in ms. */
  readonly longestSilence: () => number;
  readonly giveUp: (occupant: Occupant, reason: string) => void;
}

export class StuckWatch {
  private readonly options: StuckWatchOptions;
  private readonly watched = new WeakSet<Occupant>();
  private readonly timer: NodeJS.Timeout;
  /** The heartbeat as read last, and for how many ms it has not moved. */
  private readonly beats = new WeakMap<Occupant, { turns: number; ms: number }>();

  constructor(options: StuckWatchOptions) {
    this.options = options;
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** A call of this worker is overdue, and it has been told so. */
  async watch(occupant: Occupant): Promise<void> {
    if (!this.mayBeStuck(occupant) || this.watched.has(occupant)) return;
    this.watched.add(occupant);
    const { arena, graceMs, giveUp } = this.options;
    const { seat } = occupant.thread;
    const turns = arena.seats.turns(seat);
    const isSilent = (): boolean => arena.seats.turns(seat) === turns && this.mayBeStuck(occupant);
    let place: Place | undefined;
    const graceOver = wait(graceMs);
    void this.findPlace(occupant, isSilent).then((found) => {
      place = found;
    });
    await graceOver;
    this.watched.delete(occupant);
    if (!isSilent()) return;
    this.tell(occupant, place);
    giveUp(occupant, 'stuck: it does not return to its event loop');
  }

  /** One that drains is silent as well when it has finished all calls and disposes of its plugins. */
  private mayBeStuck({ state, thread: { seat } }: Occupant): boolean {
    if (state === 'draining') return this.options.arena.seats.running(seat) !== undefined;
    return state === 'serving';
  }

  /** No call has to be overdue: a timer of a plugin can hold a worker that has none. */
  private look(): void {
    for (const occupant of this.options.seats.in('serving')) {
      const turns = this.options.arena.seats.turns(occupant.thread.seat);
      const before = this.beats.get(occupant);
      const ms = before?.turns === turns ? before.ms + LOOK_EVERY : 0;
      this.beats.set(occupant, { turns, ms });
      if (ms > this.options.longestSilence()) void this.watch(occupant);
    }
  }

  private async findPlace(occupant: Occupant, isSilent: () => boolean): Promise<Place | undefined> {
    const { graceMs } = this.options;
    const patience = Math.min(PATIENCE, graceMs / 4);
    await wait(patience);
    // Stopping costs a thread some ten milliseconds: none for one that merely waits.
    if (!isSilent()) return undefined;
    const stack = await interruptedStack(occupant.thread.worker, graceMs - patience);
    if (stack === undefined) return undefined;
    const place = stuckPlace(stack, occupant.deployment?.plugins ?? []);
    return place ?? { plugin: undefined, where: "outside of the plugins' files" };
  }

  private tell(occupant: Occupant, place: Place | undefined): void {
    const { calls, log } = this.options;
    const { seat } = occupant.thread;
    const call = runningCall(calls, seat);
    log.error('a worker is stuck', {
      seat,
      plugin: call?.plugin ?? place?.plugin,
      tool: call?.tool,
      requestId: call?.requestId,
      where: place?.where ?? 'inside native code, which cannot be looked into',
    });
  }
}
