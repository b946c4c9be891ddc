/**
 * The supervisor: keeps the wanted number of workers serving the wanted code, whatever happens to single threads.
 *
 *   launch → loaded → (tools get their numbers) → serving → drained | crashed | terminated → sweep → seat free
 *
 * A thread that ends unasked is swept and replaced. A thread that does not react any more is replaced at
 * once and terminated; until it has really ended, its seat, slots and blocks stay out of use. New code always
 * means new threads: see roll.ts.
 */
import type { Worker } from 'node:worker_threads';
import type { SeatIndex } from '../core/brand.ts';
import { seatHolder } from '../shm/slab.ts';
import { forgetSeat, turnSeatAway, wakeSeat } from '../shm/track.ts';
import { BELL, type LaneToWorker } from '../wire/to-worker.ts';
import { type BringUpHost, bringUp, type Strictness } from './bring-up.ts';
import { Deployed } from './deployed.ts';
import type { Deployment } from './deployment.ts';
import { Exchanges } from './exchanges.ts';
import { Launcher } from './launcher.ts';
import { letGo } from './let-go.ts';
import { MemoryWatch } from './memory-watch.ts';
import { type PoolCounts, type PoolOptions, viewOf, type WorkerView } from './pool-options.ts';
import { ReplacementTimes } from './replacement-times.ts';
import type { RollOutcome } from './roll.ts';
import { type RunningCallSources, runningCall } from './running-call.ts';
import { type Occupant, SeatTable } from './seat-table.ts';
import { Standbys } from './standbys.ts';
import { StartGuard } from './start-guard.ts';
import { StuckWatch } from './stuck-watch.ts';
import { tellEnd } from './tell-end.ts';
import type { ThreadEnd } from './thread.ts';
import { Zombies } from './zombies.ts';

export type { PoolCounts, PoolOptions, WorkerView } from './pool-options.ts';

export class WorkerPool {
  readonly counts: PoolCounts;
  /** Threads that do not end. */
  readonly zombies: Zombies;
  private readonly options: PoolOptions;
  private readonly seats: SeatTable;
  private readonly launcher: Launcher;
  private readonly standbys: Standbys;
  private readonly guard: StartGuard;
  private readonly calls: RunningCallSources;
  private readonly stuck: StuckWatch;
  private readonly memory: MemoryWatch;
  private readonly code: Deployed;
  private readonly exchanges: Exchanges;
  /** What an exchange has started last. */
  private launched: Occupant | undefined;
  private stopping = false;
  private isAvailable = false;
  private readonly firstServing = Promise.withResolvers<void>();

  constructor(options: PoolOptions) {
    this.options = options;
    const { arena, dispatcher, log, task, toolName } = options;
    const seats = new SeatTable(arena.shape.seats);
    this.seats = seats;
    this.zombies = new Zombies(seats, options.zombieLimit, log);
    this.launcher = new Launcher(options, seats, {
      onStart: () => {
        this.counts.starts++;
      },
      onEnd: (entry, end) => this.afterEnd(entry, end),
    });
    const terminate = (entry: Occupant, reason: string): void => this.terminate(entry, reason);
    this.standbys = new Standbys({
      seats,
      launcher: this.launcher,
      current: () => this.code.current,
      common: () => seats.commonDeployment(),
      isWhole: () => this.serving >= options.size,
      dismissal: { seats: arena.seats, terminate },
    });
    this.code = new Deployed(options);
    this.exchanges = new Exchanges({
      size: options.size,
      seats,
      log,
      drainMs: options.drainMs,
      adopt: (deployment) => {
        this.code.current = deployment;
      },
      launch: (deployment) => this.launch(deployment),
      drain: (entry) => this.drain(entry),
      terminate,
    });
    this.counts = {
      starts: 0,
      crashes: 0,
      terminations: 0,
      recycles: this.exchanges.recycles,
      replacements: new ReplacementTimes(),
    };
    this.guard = new StartGuard(
      () => this.fill(),
      (ms) => log.error(`workers keep failing to start; next try in ${ms} ms`),
    );
    this.calls = { arena, slab: dispatcher.slab, idPrefix: task.idPrefix, toolName };
    this.stuck = new StuckWatch({
      arena,
      seats,
      calls: this.calls,
      log,
      graceMs: options.stuckGraceMs,
      longestSilence: options.drainMs,
      giveUp: (entry, reason) => this.giveUp(entry, reason),
    });
    this.memory = new MemoryWatch({
      arena,
      seats,
      readings: this.launcher.readings,
      limits: options.memory,
      log,
      isBusy: () => dispatcher.inFlight > 0 || dispatcher.lingering > 0,
      recycle: (entry, reason) => this.exchanges.recycle(entry, reason),
      terminate: (entry, reason) => this.giveUp(entry, reason),
    });
  }

  /** Before `start`, as soon as possible: the first thread begins to load all but the plugins. */
  warmUp(): void {
    this.launcher.startThread();
  }

  /** Starts the workers; resolves when the first one serves. */
  start(deployment: Deployment): Promise<void> {
    this.code.current = deployment;
    this.fill();
    return this.firstServing.promise;
  }

  /** Sends to a worker's lane; nobody in that seat: nothing to do. */
  post(seat: SeatIndex, message: LaneToWorker): void {
    this.seats.at(seat)?.thread.post(message);
  }

  /** A call of this worker is overdue: if the worker does not react within the grace period, it is given up. */
  watch(seat: SeatIndex): void {
    const entry = this.seats.at(seat);
    if (entry !== undefined) void this.stuck.watch(entry);
  }

  /** Launches what is missing. The first worker alone: it finds out what the plugins are, or dies of them. */
  private fill(): void {
    const wanted = this.code.isExplored ? this.options.size - this.zombies.unreplaced : 1;
    while (
      !this.stopping &&
      this.guard.allows &&
      this.isShortOf(wanted) &&
      this.standbys.hasPlaceFor(this.code.current)
    ) {
      const entry = this.standbys.occupy(this.code.current);
      this.guard.attempt(() => this.tryToBringUp(entry)).catch(() => undefined);
    }
    this.isAvailable = this.seats.living().length > 0;
    this.tellServing();
  }

  /** Whom the dispatcher can count on. */
  private tellServing(): void {
    this.options.dispatcher.setServing(this.seats.in('serving').map(({ thread }) => thread.seat));
  }

  /** What an exchange brings up fills a gap as well, but one that stands by does so at once. */
  private isShortOf(wanted: number): boolean {
    const living = this.seats.living().length;
    if (this.launched?.state !== 'starting') return living < wanted;
    return living < wanted || (living === wanted && this.standbys.hasLoaded(this.code.current));
  }

  /** True while a worker serves or is being started; kept, because it is asked for every request. */
  get available(): boolean {
    return this.isAvailable;
  }

  /** Workers that serve. */
  get serving(): number {
    return this.seats.in('serving').length;
  }

  /** New code is likely to come: a thread loads all but the plugins. It goes away by itself if it is not needed. */
  standBy(): void {
    if (this.code.isExplored) this.standbys.expectCode();
  }

  /** A plugin that ends the thread is left out of the next start: that start is a step ahead, no crash loop. */
  private async tryToBringUp(entry: Occupant): Promise<void> {
    try {
      await this.bringUp(entry, 'leave out');
    } catch (error) {
      if (entry.thread.loadingPlugin === undefined) throw error;
    }
  }

  private async bringUp(entry: Occupant, strictness: Strictness): Promise<void> {
    const host: BringUpHost = {
      terminate: (late, reason) => this.terminate(late, reason),
      loaded: ({ thread }, report) => {
        this.code.reported(thread, report);
        return this.options.bind(report.plugins);
      },
    };
    await bringUp(host, entry, strictness);
    if (entry.state !== 'serving') return;
    const ms = Math.round(performance.now() - entry.begunAt);
    this.options.log.debug('worker serves', { seat: entry.thread.seat, ms });
    this.noteReplacement(entry);
    this.firstServing.resolve();
    this.fill();
    this.standbys.tend();
  }

  /** Whatever it was started for, a worker that comes to serve takes the place of one that was lost. */
  private noteReplacement({ thread: { seat } }: Occupant): void {
    const { replacements } = this.counts;
    const ms = replacements.replaced();
    if (ms !== undefined) this.options.log.info('a lost worker is replaced', { seat, ms });
    if (this.serving >= this.options.size) replacements.whole();
  }

  /** What the pool replaces lost workers on. */
  get deployed(): Deployment {
    return this.code.current;
  }

  /**
   * Takes all workers to another deployment, one at a time; back again when that fails or `doubts` finds a
   * reason. One roll at a time, and not before the first worker serves.
   */
  roll(to: Deployment, doubts: () => string | undefined): Promise<RollOutcome> {
    const rolled = this.exchanges.roll(this.code.current, to, doubts);
    return rolled.finally(() => this.standbys.tend());
  }

  /** Not counted by the guard: in a roll the reason lies in the code that is tried. */
  private async launch(deployment: Deployment): Promise<Occupant> {
    await this.standbys.placeFor(deployment);
    if (this.stopping) throw new Error('the server is stopping');
    const entry = this.standbys.occupy(deployment);
    this.launched = entry;
    this.standbys.tend();
    await this.bringUp(entry, 'refuse');
    return entry;
  }

  /** The thread is gone: answer what it held, free its seat, replace it. */
  private afterEnd(entry: Occupant, end: ThreadEnd): void {
    const { arena, dispatcher, log } = this.options;
    const { seat, loadingPlugin } = entry.thread;
    const culprit = this.culpritIn(seat);
    // First: the sweep ends with a look at who attends to the queue, and a dead worker does not.
    forgetSeat(arena, seat);
    const { failed } = dispatcher.sweep(seat);
    // Only now: a committed reply may lie in one of the dead thread's own blocks.
    dispatcher.slab.reclaim(seatHolder(seat));
    this.seats.leave(seat);
    tellEnd(log, entry, end, failed);
    if (end.kind === 'crashed') {
      this.counts.crashes++;
      if (end.loading !== undefined) {
        const reason = `loading it ended the thread: ${end.reason}`;
        this.code.exclude(entry.deployment, end.loading, reason);
      }
      if (entry.state === 'serving') this.lost(entry, end.reason, culprit);
    } else if (end.kind === 'terminated' && loadingPlugin !== undefined) {
      this.code.exclude(entry.deployment, loadingPlugin, end.reason);
    }
    this.zombies.look();
    this.fill();
    // There is room again. A thread that ended by itself is no reason to start one: the next might as well.
    if (end.kind !== 'crashed') this.standbys.tend();
  }

  /** Only before the seat is swept: then its calls are over. */
  private culpritIn(seat: SeatIndex): string | undefined {
    return runningCall(this.calls, seat)?.plugin;
  }

  /** A serving worker is gone, or as good as. */
  private lost(entry: Occupant, reason: string, culprit: string | undefined): void {
    this.standbys.noteLoss();
    const { replacements } = this.counts;
    replacements.lost();
    // It was being recycled, and its replacement serves already.
    if (this.serving >= this.options.size) replacements.replaced();
    const { deployment } = entry;
    if (deployment !== undefined) this.options.onLost({ deployment, reason, culprit });
  }

  /** Ends a worker that cannot be let go on. Its replacement starts at once, whatever its end takes. */
  private giveUp(entry: Occupant, reason: string): void {
    const wasServing = entry.state === 'serving';
    const culprit = this.culpritIn(entry.thread.seat);
    this.terminate(entry, reason);
    if (wasServing) this.lost(entry, reason, culprit);
  }

  private terminate(entry: Occupant, reason: string): void {
    if (entry.state === 'terminating') return;
    entry.state = 'terminating';
    entry.terminatedAt = performance.now();
    this.counts.terminations++;
    const { arena } = this.options;
    // Should native code return before the thread ends, it claims nothing any more.
    arena.seats.drain(entry.thread.seat);
    turnSeatAway(arena, entry.thread.seat);
    entry.thread.terminate(reason);
    this.zombies.ending();
    this.fill();
  }

  /** Lets the workers finish what they started and go; nothing is started any more. */
  async stop(ms: number): Promise<void> {
    this.stopping = true;
    this.standbys.close();
    this.guard.close();
    this.stuck.close();
    this.memory.close();
    const letting = {
      drain: (entry: Occupant) => this.drain(entry),
      dismiss: (entry: Occupant, reason: string) => this.standbys.dismiss(entry, reason),
      terminate: (entry: Occupant, reason: string) => this.terminate(entry, reason),
    };
    await letGo(this.seats.all(), letting, ms);
  }

  private drain(entry: Occupant): void {
    const { arena } = this.options;
    entry.state = 'draining';
    arena.seats.drain(entry.thread.seat);
    wakeSeat(arena, entry.thread.seat);
    entry.thread.post(BELL);
    this.tellServing();
    this.standbys.tend();
  }

  /** The thread in that seat, for those who look into it. */
  threadAt(seat: SeatIndex): Worker | undefined {
    return this.seats.at(seat)?.thread.worker;
  }

  /** Workers now, by seat. */
  view(): readonly WorkerView[] {
    return this.seats.all().map(viewOf);
  }
}
