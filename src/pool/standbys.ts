/**
 * Threads that stand by, so that most of a start is over before it is needed.
 *
 *   start ─► blank: the host's own modules are loaded ─► loaded: the plugins as well ─► taken
 *                                └────────────── taken ──────────────────────────────────┘
 *
 * A loaded one serves within moments, but only the code that it has loaded. A blank one is good for any code. New code in
 * sight: one blank thread. A worker was lost: a blank one and a loaded one, for losses seldom come alone.
 *
 * They are made ready one after the other, and never while a lost worker is missing, because its replacement needs the
 * processor.
 */
import { loadedInTime } from './bring-up.ts';
import type { Deployment } from './deployment.ts';
import { type DismissalHost, dismiss } from './dismissal.ts';
import type { Launcher } from './launcher.ts';
import type { Occupant, SeatTable } from './seat-table.ts';

/** How long threads stand by, in ms: after a hint of new code, and after a loss. */
const STANDBY = { forCode: 60_000, forLoss: 300_000 } as const;
/** Losses so close to each other, in ms, are two at once: the loaded thread is not there again by then. */
const AT_ONCE = 1000;

export interface StandbyHost {
  readonly seats: SeatTable;
  readonly launcher: Launcher;
  /** What lost workers are replaced on. */
  readonly current: () => Deployment;
  /** What all workers run; undefined in the middle of a roll. At its end, before `current` has become the same. */
  readonly common: () => Deployment | undefined;
  /** All wanted workers serve. */
  readonly isWhole: () => boolean;
  readonly dismissal: DismissalHost;
}

/** How many threads of each kind. */
interface Wanted {
  readonly blank: number;
  readonly loaded: number;
}

export class Standbys {
  private readonly host: StandbyHost;
  /** By performance.now(): until when threads stand by for new code, for a loss, and for two losses at once. */
  private readonly until = {
    code: Number.NEGATIVE_INFINITY,
    loss: Number.NEGATIVE_INFINITY,
    pair: Number.NEGATIVE_INFINITY,
  };
  private lastLoss = Number.NEGATIVE_INFINITY;
  private expiry: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(host: StandbyHost) {
    this.host = host;
  }

  /** New code is likely to come. */
  expectCode(): void {
    this.until.code = performance.now() + STANDBY.forCode;
    this.tend();
  }

  /** A worker was lost. Whoever brings up its replacement calls `tend` when that serves. */
  noteLoss(): void {
    const now = performance.now();
    this.until.loss = now + STANDBY.forLoss;
    if (now - this.lastLoss < AT_ONCE) this.until.pair = this.until.loss;
    this.lastLoss = now;
  }

  /** Whether a thread can be had for this code now. */
  hasPlaceFor(deployment: Deployment): boolean {
    return this.standbyFor(deployment) !== undefined || this.host.launcher.hasRoom();
  }

  /**
   * Resolves when a thread can be had for this code that no lost worker is waiting for. Where all seats are taken,
   * threads that stand by with other code go.
   */
  async placeFor(deployment: Deployment): Promise<void> {
    const { seats } = this.host;
    // What is started already needs the processor first.
    const started = seats.in('starting').map(({ thread }) => thread);
    await Promise.allSettled(
      started.map(({ serving, terminating, ended }) => Promise.race([serving, terminating, ended])),
    );
    while (!this.hasPlaceFor(deployment)) {
      const [idle] = seats.in('standby');
      if (idle !== undefined && seats.free() === undefined) this.dismiss(idle, 'its seat is needed');
      await Promise.race(seats.all().map(({ thread }) => thread.ended));
    }
  }

  /** A thread that begins to load this code, or has done so already. There must be a place for it. */
  occupy(deployment: Deployment): Occupant {
    const { launcher } = this.host;
    return launcher.begin(this.standbyFor(deployment) ?? launcher.startThread(), deployment);
  }

  /** Whether a thread stands by that can serve this code at once. */
  hasLoaded(deployment: Deployment): boolean {
    return this.with(deployment).some(({ thread }) => thread.isLoaded);
  }

  /** The one that will serve this code first. */
  private standbyFor(deployment: Deployment): Occupant | undefined {
    const own = this.with(deployment);
    return own.find(({ thread }) => thread.isLoaded) ?? own[0] ?? this.with(undefined)[0];
  }

  private with(deployment: Deployment | undefined): Occupant[] {
    return this.host.seats.in('standby').filter((idle) => idle.deployment === deployment);
  }

  /** Takes the next step to the threads that are wanted, where there is one. Called whenever something has changed. */
  tend(): void {
    if (this.isClosed) return;
    const wanted = this.wanted();
    this.trim(wanted);
    if (!this.mayPrepare()) return;
    const { launcher, common } = this.host;
    const deployment = common();
    const loaded = deployment === undefined ? [] : this.with(deployment);
    if (loaded.some(({ thread }) => !thread.isLoaded)) return;
    const [free] = this.with(undefined);
    const isShort = loaded.length < wanted.loaded;
    if (deployment !== undefined && isShort) {
      if (free !== undefined || launcher.hasRoom()) this.load(free ?? launcher.startThread(), deployment);
    } else if (free === undefined && wanted.blank > 0 && launcher.hasRoom()) {
      launcher.startThread().thread.standBack();
    }
  }

  /** A roll or a recycling is not so urgent that the next loss would wait for it. */
  private mayPrepare(): boolean {
    const { seats, isWhole } = this.host;
    return isWhole() && (performance.now() < this.until.loss || seats.in('starting').length === 0);
  }

  private trim(wanted: Wanted): void {
    const { seats, current, common } = this.host;
    const most = new Map<Deployment | undefined, number>([
      [current(), wanted.loaded],
      [common() ?? current(), wanted.loaded],
      // One too many may be one that is about to load.
      [undefined, wanted.blank + wanted.loaded],
    ]);
    for (const [deployment, standing] of Map.groupBy(seats.in('standby'), (idle) => idle.deployment)) {
      for (const idle of standing.slice(most.get(deployment) ?? 0)) this.dismiss(idle, 'not needed');
    }
  }

  private load(idle: Occupant, deployment: Deployment): void {
    const { launcher, dismissal } = this.host;
    launcher.load(idle, deployment);
    const next = (): void => this.tend();
    // One that fails has ended: the next change brings another, not its end, or it would go on for ever.
    loadedInTime(idle.thread.loaded, (reason) => dismissal.terminate(idle, reason)).then(
      next,
      () => undefined,
    );
  }

  /** How many of each. Sees to it that this is looked at again when it changes. */
  private wanted(): Wanted {
    const now = performance.now();
    const { code, loss, pair } = this.until;
    clearTimeout(this.expiry);
    const next = Math.min(...[code, loss, pair].filter((time) => time > now));
    if (next < Infinity) this.expiry = setTimeout(() => this.tend(), next - now).unref();
    return {
      blank: now < Math.max(code, loss) ? 1 : 0,
      loaded: now < pair ? 2 : now < loss ? 1 : 0,
    };
  }

  /** It goes; what it has loaded is disposed of. */
  dismiss(idle: Occupant, reason: string): void {
    dismiss(this.host.dismissal, idle, reason);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.expiry);
  }
}
