/**
 * A worker's main loop: claim while there is work, rest in steps when there is none.
 *
 *   queue has calls                    claim and start them, one at a time
 *   empty, started calls in flight     park in the event loop, so that their timers and sockets go on
 *   empty, nothing in flight           look again for a moment (the usual gap between two requests of one
 *                                      burst), then block in Atomics.wait, then, if it stays quiet, park in
 *                                      the event loop
 *
 * Blocked, this thread's event loop stands still; it gets a turn at least every TURN_EVERY ms, so a plugin's
 * own timers and sockets live on. The queue is that of the track the front has put this worker on; see
 * src/shm/track.ts for how it changes from one to the other.
 */
import { setImmediate as immediate } from 'node:timers/promises';
import type { SeatIndex, SlotIndex, ToolId } from '../src/core/brand.ts';
import type { Clock } from '../src/core/clock.ts';
import type { Arena } from '../src/shm/arena.ts';
import { SLOT } from '../src/shm/layout.ts';
import type { Meters } from '../src/shm/meters.ts';
import { PARKED } from '../src/shm/parking.ts';
import { EMPTY } from '../src/shm/ring.ts';
import type { Track } from '../src/shm/track.ts';
import type { Niceness } from './niceness.ts';
import type { Runner } from './runner.ts';
import type { StallWatch } from './stall-watch.ts';
import type { ToolCosts } from './tool-costs.ts';

/** How long an idle worker looks at the queue before it sleeps, in ms: less than a wake-up costs. */
const LINGER = 0.01;
/** Looks between two readings of the clock. */
const LOOKS = 16;
/** Longest block, in ms; the bounded re-check behind every wake-up. */
const BLOCK = 10;
/** Blocks that end without work before the loop parks in its event loop instead. */
const QUIET_BLOCKS = 3;
/** The event loop gets a turn at least this often, in ms; and while started calls wait for something there. */
const TURN_EVERY = 5;
const TURN_EVERY_IN_FLIGHT = 1;
/** Microtask rounds given to started calls before the loop parks: enough for calls that only await. */
const MICROTASK_ROUNDS = 8;
/** Calls started in a row before the clock is looked at. */
const CALLS_PER_LOOK = 32;
/** Meters are written at most this often, in ms. */
const PUBLISH_EVERY = 100;
/** Bounded re-check while parked in the event loop, in ms. */
const LOOP_RECHECK = 100;
/** How long calls that were started on the common track may keep a worker from the heavy one, in ms. */
const FAREWELL = 50;

export interface ServeLoopOptions {
  readonly arena: Arena;
  readonly seat: SeatIndex;
  readonly clock: Clock;
  readonly meters: Meters;
  readonly runner: Runner;
  readonly costs: ToolCosts;
  readonly concurrency: number;
  readonly stalls: Pick<StallWatch, 'stallMs' | 'ran' | 'spent'>;
  readonly niceness: Pick<Niceness, 'set'>;
}

export class ServeLoop {
  /** Started so far. */
  calls = 0;
  private readonly options: ServeLoopOptions;
  private readonly arena: Arena;
  private readonly seat: SeatIndex;
  private readonly runner: Runner;
  private track: Track;
  private seenCancellations = 0;
  private lastTurn = 0;
  private quietBlocks = 0;
  /** Microseconds, moving average over bursts. */
  private meanCost = 0;
  private lastPublished = 0;
  /** Milliseconds since the thread started: asleep in Atomics.wait; busy, as published last. */
  private asleep = 0;
  private publishedBusy = 0;
  private resume: (() => void) | undefined;

  constructor(options: ServeLoopOptions) {
    this.options = options;
    this.arena = options.arena;
    this.seat = options.seat;
    this.runner = options.runner;
    this.track = options.arena.common;
  }

  /** Serves until told to drain; resolves when the last started call has settled. */
  async run(): Promise<void> {
    const { seats } = this.arena;
    const recheck = setInterval(() => this.wake(), LOOP_RECHECK);
    this.track.parking.attend(this.seat);
    for (;;) {
      seats.beat(this.seat);
      this.noticeCancellations();
      if (this.wantedTrack() !== this.track) await this.changeTrack();
      if (seats.isDraining(this.seat)) break;
      const started = this.startBurst();
      if (started > 0) this.quietBlocks = 0;
      const inFlight = this.runner.inFlight > 0;
      const turnEvery = inFlight ? TURN_EVERY_IN_FLIGHT : TURN_EVERY;
      if (this.options.clock.now() - this.lastTurn > turnEvery) await this.turn();
      else if (inFlight) await undefined;
      if (started === 0) await this.rest();
    }
    this.turnAway();
    while (this.runner.inFlight > 0) {
      await this.untilWoken();
      seats.beat(this.seat);
      this.noticeCancellations();
    }
    clearInterval(recheck);
  }

  /** Something may have changed: the bell rang, a body arrived, the loop's own re-check is due. */
  wake(): void {
    const { resume } = this;
    this.resume = undefined;
    resume?.();
  }

  /** A started call has settled: there is room again, or nothing left in flight. */
  afterSettled(): void {
    const { inFlight } = this.runner;
    if (inFlight === 0 || inFlight === this.options.concurrency - 1) this.wake();
  }

  private untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.resume = resolve;
    });
  }

  /** Claims and starts calls until the queue is empty, the worker full, or it is time to look up. */
  private startBurst(): number {
    const { slots, seats } = this.arena;
    const { submissions } = this.track;
    const { clock, costs, concurrency, stalls } = this.options;
    let started = 0;
    const begin = clock.now();
    let before = begin;
    while (started < CALLS_PER_LOOK && this.runner.inFlight < concurrency) {
      const slot = submissions.claim(this.seat);
      if (slot === EMPTY) break;
      started++;
      const tool = slots.field(slot, SLOT.tool) as ToolId;
      seats.beginRunning(this.seat, slot);
      const ran = costs.isLong(tool) ? this.startLong(slot, before) : this.runner.start(slot, before);
      seats.endRunning(this.seat);
      const after = clock.now();
      // What was refused says nothing about what the tool's code costs.
      if (ran) costs.learn(tool, after - before);
      if (after - before > stalls.stallMs) stalls.ran(tool, before, after - before);
      before = after;
      // Timers and sockets of other calls wait.
      if (after - begin > TURN_EVERY) break;
    }
    this.calls += started;
    if (started > 0) stalls.spent(before - begin);
    if (started > 0) this.reportCost(((before - begin) * 1000) / started);
    return started;
  }

  private reportCost(micros: number): void {
    this.meanCost += (micros - this.meanCost) / 8;
    this.track.parking.reportCost(Math.round(this.meanCost));
  }

  /** A call that will keep this thread from the queue for a while: others must not rely on it meanwhile. */
  private startLong(slot: SlotIndex, now: number): boolean {
    this.turnAway();
    const ran = this.runner.start(slot, now);
    this.track.parking.attend(this.seat);
    return ran;
  }

  /** Looks at the queue no more. A producer that came before saw an attentive worker and woke nobody. */
  private turnAway(): void {
    const { parking, submissions } = this.track;
    parking.turnAway(this.seat);
    if (!submissions.isEmpty() && parking.anyParked()) this.runner.ringForHelp();
  }

  private wantedTrack(): Track {
    return this.arena.seats.isHeavy(this.seat) ? this.arena.heavy : this.arena.common;
  }

  private async changeTrack(): Promise<void> {
    this.turnAway();
    if (this.wantedTrack() === this.arena.heavy) await this.finishStarted();
    // Asked again: the order may have been another one by then.
    this.track = this.wantedTrack();
    // Who only has long calls can wait for the processor; the others and the front cannot.
    this.options.niceness.set(this.track === this.arena.heavy);
    this.track.parking.attend(this.seat);
  }

  /**
   * What was started here would share the thread with the first long call, and end with it if that never does. Most of it
   * is over within moments; what is not is no reason to keep long calls waiting.
   */
  private async finishStarted(): Promise<void> {
    const { seats } = this.arena;
    const late = new AbortController();
    const limit = setTimeout(() => {
      late.abort();
      this.wake();
    }, FAREWELL);
    while (
      this.runner.inFlight > 0 &&
      !late.signal.aborted &&
      seats.isHeavy(this.seat) &&
      !seats.isDraining(this.seat)
    ) {
      await this.untilWoken();
      seats.beat(this.seat);
      this.noticeCancellations();
    }
    clearTimeout(limit);
  }

  private noticeCancellations(): void {
    const seen = this.arena.seats.cancellations(this.seat);
    if (seen === this.seenCancellations) return;
    this.seenCancellations = seen;
    this.runner.abandonCancelled();
  }

  /** One turn of the event loop: timers, sockets, messages. */
  private async turn(): Promise<void> {
    await immediate();
    this.lastTurn = this.options.clock.now();
    this.publish();
  }

  /** What the supervisor may want to know, now and then. */
  private publish(): void {
    const now = this.options.clock.now();
    if (now - this.lastPublished < PUBLISH_EVERY) return;
    this.lastPublished = now;
    this.options.meters.addSlab(this.seat, this.runner.slab.takeCounts());
    // The runtime counts a thread asleep in Atomics.wait as active.
    const busy = performance.eventLoopUtilization().active - this.asleep;
    this.options.meters.addBusy(this.seat, busy - this.publishedBusy);
    this.publishedBusy = busy;
  }

  private hasReason(): boolean {
    const { seats } = this.arena;
    return (
      !this.track.submissions.isEmpty() ||
      this.wantedTrack() !== this.track ||
      seats.isDraining(this.seat) ||
      seats.cancellations(this.seat) !== this.seenCancellations
    );
  }

  private async rest(): Promise<void> {
    const { runner } = this;
    const full = this.options.concurrency;
    if (runner.inFlight > 0) {
      for (let round = 0; round < MICROTASK_ROUNDS; round++) {
        await undefined;
        if (runner.inFlight === 0 || (runner.inFlight < full && this.hasReason())) return;
      }
      if (runner.inFlight === full) await this.waitForRoom();
      else await this.parkInLoop();
      return;
    }
    if (this.quietBlocks === 0 && this.foundByLingering()) return;
    if (this.quietBlocks < QUIET_BLOCKS) this.block();
    else await this.parkInLoop();
  }

  private foundByLingering(): boolean {
    const until = this.options.clock.now() + LINGER;
    do {
      for (let look = 0; look < LOOKS; look++) if (!this.track.submissions.isEmpty()) return true;
    } while (this.options.clock.now() < until);
    return false;
  }

  private block(): void {
    const { parking } = this.track;
    const before = this.options.clock.now();
    parking.park(this.seat, PARKED.blocked);
    if (!this.hasReason()) parking.sleep(this.seat, BLOCK);
    parking.unpark(this.seat);
    this.asleep += this.options.clock.now() - before;
    if (!this.hasReason()) this.quietBlocks++;
  }

  private async parkInLoop(): Promise<void> {
    const { parking } = this.track;
    this.publish();
    parking.park(this.seat, PARKED.looping);
    if (!this.hasReason()) await this.untilWoken();
    parking.unpark(this.seat);
    this.lastTurn = this.options.clock.now();
  }

  /** Nothing can be claimed before a call settles, so nobody need wake this worker. */
  private async waitForRoom(): Promise<void> {
    this.publish();
    this.turnAway();
    await this.untilWoken();
    this.track.parking.attend(this.seat);
    this.lastTurn = this.options.clock.now();
  }
}
