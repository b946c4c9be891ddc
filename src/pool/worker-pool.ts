/**
 * The supervisor: keeps the wanted number of workers serving, whatever happens to single threads.
 *
 *   launch → loaded → (tools get their numbers) → serving → drained | crashed | terminated → sweep → seat free
 *
 * A thread that ends unasked is swept and replaced. A thread that does not react any more is replaced at
 * once and terminated; until it has really ended, its seat, slots and blocks stay out of use.
 */
import { Piscina } from 'piscina';
import type { SeatIndex } from '../core/brand.ts';
import type { Log } from '../core/log.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Arena } from '../shm/arena.ts';
import { seatHolder } from '../shm/slab.ts';
import type { PluginSource, ToolBinding } from '../wire/catalogue.ts';
import { BELL, type LaneToWorker } from '../wire/to-worker.ts';
import { StartGuard } from './start-guard.ts';
import { type LoadReport, type TaskBasics, Thread, type ThreadEnd } from './thread.ts';

/** How long a thread may take from its start to "loaded", in ms; each plugin's own limit is shorter. */
const START_LIMIT = 30_000;

export interface PoolOptions {
  readonly arena: Arena;
  /** Its `post` and `onOverdue` must lead to this pool. */
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  /** Workers to keep serving. */
  readonly size: number;
  readonly plugins: readonly PluginSource[];
  readonly task: Omit<TaskBasics, 'plugins'>;
  readonly limits: { readonly maxOldGenerationSizeMb: number; readonly maxYoungGenerationSizeMb?: number };
  /** How long a worker may stay silent after a call of its missed the deadline, in ms. */
  readonly stuckGraceMs: number;
  /** The first worker's plugins decide which tools there are; returns their numbers. */
  readonly onLoaded: (report: LoadReport) => readonly ToolBinding[];
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
  readonly state: 'starting' | 'serving' | 'draining' | 'terminating';
  /** Share of its life its event loop was not idle, 0 … 1, as the runtime counts it. */
  readonly utilisation: number;
}

type Seat = { thread: Thread; state: WorkerView['state']; watch: NodeJS.Timeout | undefined };

export class WorkerPool {
  readonly counts: PoolCounts = { starts: 0, crashes: 0, terminations: 0 };
  private readonly options: PoolOptions;
  private readonly piscina: Piscina;
  private readonly guard: StartGuard;
  private readonly seats: (Seat | undefined)[];
  /** Plugins that killed or hung a thread while it imported them. */
  private readonly excluded = new Map<string, string>();
  private tools: readonly ToolBinding[] | undefined;
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
    });
    // Without a listener, a late error of a worker between two tasks would end the process.
    this.piscina.on('error', (error: Error) => options.log.error('worker thread error', { error }));
    this.guard = new StartGuard(
      () => this.fill(),
      (ms) => options.log.error(`workers keep failing to start; next try in ${ms} ms`),
    );
  }

  /** Starts the workers; resolves when the first one serves. */
  start(): Promise<void> {
    this.fill();
    return this.firstServing.promise;
  }

  /** Sends to a worker's lane; nobody in that seat: nothing to do. */
  post(seat: SeatIndex, message: LaneToWorker): void {
    this.seats[seat]?.thread.post(message);
  }

  /** Launches what is missing. The first worker alone: it finds out what the plugins are, or dies of them. */
  private fill(): void {
    const wanted = this.tools === undefined ? 1 : this.options.size;
    while (!this.stopping && this.guard.allows && this.living() < wanted) {
      const seat = this.seats.indexOf(undefined);
      // All seats taken by threads that cannot be ended yet: the next exit calls again.
      if (seat === -1) break;
      this.launch(seat as SeatIndex);
    }
    this.isAvailable = this.living() > 0;
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
  private living(): number {
    return this.seats.filter((seat) => seat?.state === 'starting' || seat?.state === 'serving').length;
  }

  private launch(seat: SeatIndex): void {
    const { arena, dispatcher, log, task, plugins } = this.options;
    arena.seats.reset(seat);
    arena.parking.forget(seat);
    this.counts.starts++;
    const sources = plugins.filter(({ name }) => !this.excluded.has(name));
    const thread = new Thread(
      this.piscina,
      seat,
      { ...task, plugins: sources },
      {
        onLane: (message) => dispatcher.receive(seat, message),
        onLog: ({ level, message, fields }) => log[level](message, fields),
      },
    );
    const entry: Seat = { thread, state: 'starting', watch: undefined };
    this.seats[seat] = entry;
    void thread.ended.then((end) => this.afterEnd(seat, entry, end));
    this.guard.attempt(() => this.tryToBringUp(entry)).catch(() => undefined);
  }

  /** A plugin that ends the thread is left out of the next start: that start is a step ahead, no crash loop. */
  private async tryToBringUp(entry: Seat): Promise<void> {
    try {
      await this.bringUp(entry);
    } catch (error) {
      if (entry.thread.loadingPlugin === undefined) throw error;
    }
  }

  private async bringUp(entry: Seat): Promise<void> {
    const { thread } = entry;
    const limit = setTimeout(() => this.terminate(entry, `not loaded within ${START_LIMIT} ms`), START_LIMIT);
    try {
      const { plugins, failures } = await thread.loaded;
      if (this.tools !== undefined) this.tellMissing(thread.seat, this.tools, failures);
      this.tools ??= this.options.onLoaded({ plugins, failures: [...failures, ...this.exclusions()] });
    } finally {
      clearTimeout(limit);
    }
    thread.serve(this.tools);
    await thread.serving;
    if (entry.state !== 'starting') return;
    entry.state = 'serving';
    this.firstServing.resolve();
    this.fill();
  }

  /** Plugins that the first worker could load and this one could not: calls to them fail in this seat. */
  private tellMissing(
    seat: SeatIndex,
    tools: readonly ToolBinding[],
    failures: LoadReport['failures'],
  ): void {
    for (const { name, reason, stack } of failures) {
      if (!tools.some(({ plugin }) => plugin === name)) continue;
      this.options.log.error('plugin is missing in one worker', { seat, plugin: name, reason, stack });
    }
  }

  private exclusions(): LoadReport['failures'] {
    return [...this.excluded].map(([name, reason]) => ({ name, reason, stack: undefined }));
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
        log.warn('worker ended', { seat, reason: end.reason, failedCalls: failed });
        if (entry.state !== 'serving' && entry.thread.loadingPlugin !== undefined) {
          this.exclude(entry.thread.loadingPlugin, end.reason);
        }
        break;
      case 'crashed':
        this.counts.crashes++;
        log.error('worker crashed', { seat, reason: end.reason, failedCalls: failed });
        if (end.loading !== undefined)
          this.exclude(end.loading, `loading it ended the thread: ${end.reason}`);
        break;
      default:
        end satisfies never;
    }
    this.fill();
  }

  private exclude(plugin: string, reason: string): void {
    if (this.excluded.has(plugin)) return;
    this.excluded.set(plugin, reason);
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
      if (arena.seats.turns(seat) === turns)
        this.terminate(entry, 'stuck: it does not return to its event loop');
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
    this.guard.close();
    const leaving = this.seats.filter((entry) => entry !== undefined);
    for (const entry of leaving) {
      if (entry.state === 'starting') this.terminate(entry, 'the server is stopping');
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

/** Plugins see the process's environment, but not the server's own settings, among them secrets. */
function pluginEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('HOTLANE_'),
  );
  return Object.fromEntries(entries);
}
