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
import { Piscina } from 'piscina';
import type { SeatIndex } from '../core/brand.ts';
import type { Log } from '../core/log.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Arena } from '../shm/arena.ts';
import { seatHolder } from '../shm/slab.ts';
import type { PluginManifest, ToolBinding } from '../wire/catalogue.ts';
import type { OutboundHost } from '../wire/outbound.ts';
import { pluginEnvironment } from '../wire/plugin-environment.ts';
import { BELL, type LaneToWorker } from '../wire/to-worker.ts';
import { type Deployment, without } from './deployment.ts';
import { type Rollable, type RollOutcome, roll } from './roll.ts';
import { StartGuard } from './start-guard.ts';
import { type LoadReport, type TaskBasics, Thread, type ThreadEnd } from './thread.ts';

/** How long a thread without plugins waits for some, in ms. */
const STANDBY_LIMIT = 60_000;
/** How long a thread may take from its start to "loaded", in ms; each plugin's own limit is shorter. */
const START_LIMIT = 30_000;

export interface PoolOptions {
  readonly arena: Arena;
  /** Its `post` and `onOverdue` must lead to this pool. */
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  /** Workers to keep serving. */
  readonly size: number;
  readonly task: TaskBasics;
  readonly limits: { readonly maxOldGenerationSizeMb: number; readonly maxYoungGenerationSizeMb?: number };
  /** How long a worker may stay silent after a call of its missed the deadline, in ms. */
  readonly stuckGraceMs: number;
  /** The numbers of these plugins' tools; the same ones for the same names, always. */
  readonly bind: (plugins: readonly PluginManifest[]) => readonly ToolBinding[];
  /** The first worker's plugins decide which tools there are at first. Called once, before that worker serves. */
  readonly onLoaded: (report: LoadReport) => void;
  /** How long a retired worker may take to finish what it has started, in ms. */
  readonly drainMs: () => number;
  /** A serving worker was lost: it crashed, or was stuck. */
  readonly onLost: (deployment: Deployment, reason: string) => void;
  /** What has changed about the hosts that the plugins in a seat call. */
  readonly onOutbound: (seat: SeatIndex, hosts: readonly OutboundHost[]) => void;
  /** The thread in this seat has ended, however; nothing comes from it any more. */
  readonly onThreadEnd: (seat: SeatIndex) => void;
}

/** Counts since the process started; they only grow. */
export interface PoolCounts {
  starts: number;
  crashes: number;
  terminations: number;
}

/** A worker as operators see it. */
export interface WorkerView {
  readonly seat: SeatIndex;
  readonly state: 'standby' | 'starting' | 'serving' | 'draining' | 'terminating';
  /** Share of its life its event loop was not idle, 0 … 1, as the runtime counts it. */
  readonly utilisation: number;
}

interface Seat {
  readonly thread: Thread;
  /** Undefined: it has been given no plugins yet. */
  deployment: Deployment | undefined;
  /** When it was given plugins, by performance.now(). */
  begunAt: number;
  state: WorkerView['state'];
  watch: NodeJS.Timeout | undefined;
}

/** What a plugin that does not load means: the worker serves without it, or not at all. */
type Strictness = 'leave out' | 'refuse';

export class WorkerPool {
  readonly counts: PoolCounts = { starts: 0, crashes: 0, terminations: 0 };
  private readonly options: PoolOptions;
  private readonly piscina: Piscina;
  private readonly guard: StartGuard;
  private readonly seats: (Seat | undefined)[];
  /** Plugins that killed or hung a thread while it imported them, with the reason. */
  private readonly excluded = new Map<string, string>();
  private deployment: Deployment = { plugins: [] };
  /** The first worker has told what it could load. */
  private isExplored = false;
  private standbyLimit: NodeJS.Timeout | undefined;
  private stopping = false;
  private isAvailable = false;
  private readonly firstServing = Promise.withResolvers<void>();

  constructor(options: PoolOptions) {
    this.options = options;
    const { seats } = options.arena.shape;
    this.seats = Array.from({ length: seats }, () => undefined);
    this.piscina = new Piscina({
      filename: import.meta.resolve('#workers/serve'),
      minThreads: 0,
      maxThreads: seats,
      idleTimeout: 0,
      concurrentTasksPerWorker: 1,
      // 'sync' would freeze an idle worker's timers and ports; the serve task never idles anyway.
      atomics: 'disabled',
      resourceLimits: options.limits,
      env: pluginEnvironment(),
      // Flags of the process are not meant for workers. A plugin need not say in a package.json of which kind it is.
      execArgv: ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
    });
    // Without a listener, a late error of a worker between two tasks would end the process.
    this.piscina.on('error', (error: Error) => options.log.error('worker thread error', { error }));
    this.guard = new StartGuard(
      () => this.fill(),
      (ms) => options.log.error(`workers keep failing to start; next try in ${ms} ms`),
    );
  }

  /** Before `start`, as soon as possible: the first thread begins to load all but the plugins. */
  warmUp(): void {
    this.startThread();
  }

  /** Starts the workers; resolves when the first one serves. */
  start(deployment: Deployment): Promise<void> {
    this.deployment = deployment;
    this.fill();
    return this.firstServing.promise;
  }

  /** Sends to a worker's lane; nobody in that seat: nothing to do. */
  post(seat: SeatIndex, message: LaneToWorker): void {
    this.seats[seat]?.thread.post(message);
  }

  /** Launches what is missing. The first worker alone: it finds out what the plugins are, or dies of them. */
  private fill(): void {
    const wanted = this.isExplored ? this.options.size : 1;
    while (!this.stopping && this.guard.allows && this.living().length < wanted && this.hasRoom()) {
      const entry = this.occupy(this.deployment);
      this.guard.attempt(() => this.tryToBringUp(entry)).catch(() => undefined);
    }
    this.isAvailable = this.living().length > 0;
  }

  /**
   * False while all seats are taken by threads that cannot be ended yet, and while a thread has returned from
   * its task but not ended: Piscina would give it the next task. The next exit calls `fill` again.
   */
  private hasRoom(): boolean {
    return this.seats.includes(undefined) && !this.seats.some((seat) => seat?.thread.hasReturned);
  }

  /** True while a worker serves or is being started; kept, because it is asked for every request. */
  get available(): boolean {
    return this.isAvailable;
  }

  /** Workers that serve. */
  get serving(): number {
    return this.seats.filter((seat) => seat?.state === 'serving').length;
  }

  /** Workers that serve or will. */
  private living(): Seat[] {
    return this.seats
      .filter((entry) => entry !== undefined)
      .filter(({ state }) => state === 'starting' || state === 'serving');
  }

  /** A thread that begins to load this deployment: the one that stands by, or a new one. */
  private occupy(deployment: Deployment): Seat {
    const entry = this.takeStandby() ?? this.startThread();
    entry.deployment = deployment;
    entry.begunAt = performance.now();
    entry.state = 'starting';
    entry.thread.load(deployment.plugins);
    return entry;
  }

  /** Starts a thread in a free seat. */
  private startThread(): Seat {
    const { arena, dispatcher, log, task } = this.options;
    const seat = this.seats.indexOf(undefined) as SeatIndex;
    arena.seats.reset(seat);
    arena.parking.forget(seat);
    this.counts.starts++;
    const thread = new Thread(this.piscina, seat, task, {
      onLane: (message) => dispatcher.receive(seat, message),
      onLog: ({ level, message, fields }) => log[level](message, fields),
      onOutbound: (hosts) => this.options.onOutbound(seat, hosts),
    });
    const begunAt = performance.now();
    const entry: Seat = { thread, deployment: undefined, begunAt, state: 'standby', watch: undefined };
    this.seats[seat] = entry;
    void thread.ended.then((end) => {
      this.options.onThreadEnd(seat);
      this.afterEnd(seat, entry, end);
    });
    return entry;
  }

  /**
   * New code is likely to come: starts the thread that would take it, so that it has loaded all but the plugins
   * by then. It goes away by itself; another call lets it wait longer.
   */
  standBy(): void {
    if (!this.isExplored || this.stopping) return;
    clearTimeout(this.standbyLimit);
    this.standbyLimit = setTimeout(() => {
      const idle = this.takeStandby();
      if (idle !== undefined) this.terminate(idle, 'not needed');
    }, STANDBY_LIMIT).unref();
    // One thread more than workers, never two.
    const threads = this.seats.filter((entry) => entry !== undefined).length;
    if (threads <= this.options.size && this.hasRoom()) this.startThread();
  }

  private standby(): Seat | undefined {
    return this.seats.find((seat) => seat?.state === 'standby');
  }

  private takeStandby(): Seat | undefined {
    clearTimeout(this.standbyLimit);
    return this.standby();
  }

  /** A plugin that ends the thread is left out of the next start: that start is a step ahead, no crash loop. */
  private async tryToBringUp(entry: Seat): Promise<void> {
    try {
      await this.bringUp(entry, 'leave out');
    } catch (error) {
      if (entry.thread.loadingPlugin === undefined) throw error;
    }
  }

  private async bringUp(entry: Seat, strictness: Strictness): Promise<void> {
    const { thread } = entry;
    const limit = setTimeout(() => this.terminate(entry, `not loaded within ${START_LIMIT} ms`), START_LIMIT);
    let report: LoadReport;
    try {
      report = await thread.loaded;
    } finally {
      clearTimeout(limit);
    }
    const [failure] = report.failures;
    if (strictness === 'refuse' && failure !== undefined) {
      const reason = `${failure.name}: ${failure.reason}`;
      this.terminate(entry, `it cannot load all plugins: ${reason}`);
      throw new Error(reason);
    }
    if (this.isExplored) this.tellMissing(thread.seat, report.failures);
    else this.explored(report);
    thread.serve(this.options.bind(report.plugins));
    await thread.serving;
    if (entry.state !== 'starting') return;
    entry.state = 'serving';
    const ms = Math.round(performance.now() - entry.begunAt);
    this.options.log.debug('worker serves', { seat: thread.seat, ms });
    this.firstServing.resolve();
    this.fill();
  }

  private explored(report: LoadReport): void {
    this.isExplored = true;
    const failures = [...report.failures, ...this.exclusions()];
    const failed = new Set(failures.map(({ name }) => name));
    const versions = this.deployment.plugins.filter(({ name }) => failed.has(name));
    this.deployment = without(this.deployment, new Set(versions.map(({ version }) => version)));
    this.options.onLoaded({ plugins: report.plugins, failures });
  }

  /** Plugins that the first worker could load and this one could not: calls to them fail in this seat. */
  private tellMissing(seat: SeatIndex, failures: LoadReport['failures']): void {
    for (const { name, reason, stack } of failures) {
      this.options.log.error('plugin is missing in one worker', { seat, plugin: name, reason, stack });
    }
  }

  private exclusions(): LoadReport['failures'] {
    return [...this.excluded].map(([name, reason]) => ({ name, reason, stack: undefined }));
  }

  /** What the pool replaces lost workers on. */
  get deployed(): Deployment {
    return this.deployment;
  }

  /**
   * Takes all workers to another deployment, one at a time; back again when that fails or `doubts` finds a
   * reason. One roll at a time, and not before the first worker serves.
   */
  roll(to: Deployment, doubts: () => string | undefined): Promise<RollOutcome> {
    const rollable: Rollable<Seat> = {
      size: this.options.size,
      living: () => this.living(),
      deploymentOf: ({ deployment }) => deployment,
      launch: (deployment) => this.launch(deployment),
      retire: (entry) => this.retire(entry),
      adopt: (deployment) => {
        this.deployment = deployment;
      },
    };
    return roll(rollable, this.deployment, to, doubts);
  }

  /** For a roll: not counted by the guard, since the reason lies in the code that is tried. */
  private async launch(deployment: Deployment): Promise<Seat> {
    while (this.standby() === undefined && !this.hasRoom()) await this.nextEnd();
    if (this.stopping) throw new Error('the server is stopping');
    const entry = this.occupy(deployment);
    await this.bringUp(entry, 'refuse');
    return entry;
  }

  private nextEnd(): Promise<unknown> {
    return Promise.race(this.seats.flatMap((entry) => (entry === undefined ? [] : [entry.thread.ended])));
  }

  private async retire(entry: Seat): Promise<void> {
    if (entry.state === 'starting') this.terminate(entry, 'its code is given up');
    if (entry.state !== 'serving') return;
    this.drain(entry);
    const limit = setTimeout(() => this.terminate(entry, 'not drained in time'), this.options.drainMs());
    await Promise.race([entry.thread.ended, entry.thread.terminating]);
    clearTimeout(limit);
  }

  /** The thread is gone: answer what it held, free its seat, replace it. */
  private afterEnd(seat: SeatIndex, entry: Seat, end: ThreadEnd): void {
    const { arena, dispatcher, log } = this.options;
    clearTimeout(entry.watch);
    // First: the sweep ends with a look at who attends to the queue, and a dead worker does not.
    arena.parking.forget(seat);
    const { failed } = dispatcher.sweep(seat);
    // Only now: a committed reply may lie in one of the dead thread's own blocks.
    dispatcher.slab.reclaim(seatHolder(seat));
    this.seats[seat] = undefined;
    switch (end.kind) {
      case 'drained':
        break;
      case 'terminated':
        if (entry.deployment === undefined) log.debug('standby thread ended', { seat, reason: end.reason });
        else log.warn('worker ended', { seat, reason: end.reason, failedCalls: failed });
        if (entry.state !== 'serving' && entry.thread.loadingPlugin !== undefined) {
          this.exclude(entry, entry.thread.loadingPlugin, end.reason);
        }
        break;
      case 'crashed':
        this.counts.crashes++;
        log.error('worker crashed', { seat, reason: end.reason, failedCalls: failed });
        if (end.loading !== undefined)
          this.exclude(entry, end.loading, `loading it ended the thread: ${end.reason}`);
        if (entry.state === 'serving' && entry.deployment !== undefined) {
          this.options.onLost(entry.deployment, end.reason);
        }
        break;
      default:
        end satisfies never;
    }
    this.fill();
  }

  /** Only of what is deployed: in a roll the whole candidate is refused. */
  private exclude(entry: Seat, plugin: string, reason: string): void {
    if (entry.deployment !== this.deployment || this.excluded.has(plugin)) return;
    this.excluded.set(plugin, reason);
    const versions = this.deployment.plugins.filter(({ name }) => name === plugin);
    this.deployment = without(this.deployment, new Set(versions.map(({ version }) => version)));
    this.options.log.error('plugin left out', { plugin, reason });
  }

  /** A call of this worker is overdue: a worker that does not beat within the grace period is stuck. */
  watch(seat: SeatIndex): void {
    const entry = this.seats[seat];
    if (entry === undefined || entry.state !== 'serving' || entry.watch !== undefined) return;
    const { arena, stuckGraceMs } = this.options;
    const turns = arena.seats.turns(seat);
    entry.watch = setTimeout(() => {
      entry.watch = undefined;
      if (arena.seats.turns(seat) !== turns) return;
      const reason = 'stuck: it does not return to its event loop';
      this.terminate(entry, reason);
      if (entry.deployment !== undefined) this.options.onLost(entry.deployment, reason);
    }, stuckGraceMs);
  }

  private terminate(entry: Seat, reason: string): void {
    if (entry.state === 'terminating') return;
    entry.state = 'terminating';
    this.counts.terminations++;
    const { seats, parking } = this.options.arena;
    // Should native code return before the thread ends, it claims nothing any more.
    seats.drain(entry.thread.seat);
    parking.turnAway(entry.thread.seat);
    entry.thread.terminate(reason);
    this.fill();
  }

  /** Lets the workers finish what they started and go; what is left after `ms` is terminated. */
  async stop(ms: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.standbyLimit);
    this.guard.close();
    const leaving = this.seats.filter((entry) => entry !== undefined);
    for (const entry of leaving) {
      if (entry.state === 'starting' || entry.state === 'standby')
        this.terminate(entry, 'the server is stopping');
      else this.drain(entry);
    }
    const limit = setTimeout(() => {
      for (const entry of leaving) this.terminate(entry, `not drained within ${ms} ms`);
    }, ms);
    // A thread inside native code may outlive everything; the process's exit ends it.
    const zombies = new Promise<void>((resolve) => {
      setTimeout(resolve, ms + 1000).unref();
    });
    await Promise.race([Promise.all(leaving.map(({ thread }) => thread.ended)), zombies]);
    clearTimeout(limit);
  }

  private drain(entry: Seat): void {
    const { seats, parking } = this.options.arena;
    entry.state = 'draining';
    seats.drain(entry.thread.seat);
    parking.wake(entry.thread.seat);
    entry.thread.post(BELL);
  }

  /** The thread in that seat, for those who look into it. */
  threadAt(seat: SeatIndex): Worker | undefined {
    return this.seats[seat]?.thread.worker;
  }

  /** Workers now, by seat. */
  view(): readonly WorkerView[] {
    return this.seats
      .filter((entry) => entry !== undefined)
      .map(({ thread, state }) => {
        const { utilization } = thread.worker.performance.eventLoopUtilization();
        return { seat: thread.seat, state, utilisation: utilization };
      });
  }
}
