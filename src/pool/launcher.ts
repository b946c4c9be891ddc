/** Starts threads in free seats and gives them code. The only importer of Piscina. */
import { Piscina } from 'piscina';
import { threadCode } from '../core/thread-code.ts';
import { createMemoryReadings, MemoryReadings } from '../shm/memory-readings.ts';
import { forgetSeat } from '../shm/track.ts';
import { pluginEnvironment } from '../wire/plugin-environment.ts';
import type { Deployment } from './deployment.ts';
import { engineLimits } from './memory-limits.ts';
import type { PoolOptions } from './pool-options.ts';
import type { Occupant, SeatTable } from './seat-table.ts';
import { Thread, type ThreadEnd } from './thread.ts';

export interface LauncherEvents {
  readonly onStart: () => void;
  readonly onEnd: (occupant: Occupant, end: ThreadEnd) => void;
}

export class Launcher {
  private readonly options: PoolOptions;
  private readonly seats: SeatTable;
  private readonly events: LauncherEvents;
  /** What the workers say of their memory. */
  readonly readings: MemoryReadings;
  private readonly readingsMemory: SharedArrayBuffer;
  private readonly piscina: Piscina;

  constructor(options: PoolOptions, seats: SeatTable, events: LauncherEvents) {
    this.options = options;
    this.seats = seats;
    this.events = events;
    this.readingsMemory = createMemoryReadings(options.arena.shape.seats);
    this.readings = new MemoryReadings(this.readingsMemory);
    this.piscina = new Piscina({
      filename: threadCode('workers/serve').href,
      minThreads: 0,
      maxThreads: options.arena.shape.seats,
      idleTimeout: 0,
      concurrentTasksPerWorker: 1,
      // 'sync' would freeze an idle worker's timers and ports; the serve task never idles anyway.
      atomics: 'disabled',
      resourceLimits: engineLimits(options.memory),
      env: pluginEnvironment(),
      // Flags of the process are not meant for workers. A plugin need not say in a package.json of which kind it is.
      execArgv: ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
    });
    // Without a listener, a late error of a worker between two tasks would end the process.
    this.piscina.on('error', (error: Error) => options.log.error('worker thread error', { error }));
  }

  /**
   * False while all seats are taken by threads that cannot be ended yet, and while a thread has returned from
   * its task but not ended: Piscina would give it the next task. The next exit may change it.
   */
  hasRoom(): boolean {
    return this.seats.free() !== undefined && !this.seats.all().some(({ thread }) => thread.hasReturned);
  }

  /** A thread that has stood by, or a new one, begins to load this deployment, or has loaded it already. */
  begin(occupant: Occupant, deployment: Deployment): Occupant {
    occupant.begunAt = performance.now();
    occupant.state = 'starting';
    this.load(occupant, deployment);
    return occupant;
  }

  /** Gives it this deployment to load. */
  load(occupant: Occupant, deployment: Deployment): void {
    if (occupant.deployment === deployment) return;
    occupant.deployment = deployment;
    occupant.thread.load(deployment.plugins);
  }

  /** Starts a thread in a free seat; there must be room. */
  startThread(): Occupant {
    const { arena, dispatcher, log, task } = this.options;
    const seat = this.seats.free();
    if (seat === undefined) throw new Error('all seats are taken');
    arena.seats.reset(seat);
    forgetSeat(arena, seat);
    this.readings.write(seat, 0, 0);
    this.events.onStart();
    const thread = new Thread(
      this.piscina,
      seat,
      { ...task, memory: this.readingsMemory },
      {
        onLane: (message) => dispatcher.receive(seat, message),
        onLog: ({ level, message, fields }) => log[level](message, fields),
        onOutbound: (hosts) => this.options.onOutbound(seat, hosts),
        onCozeToken: this.options.onCozeToken,
      },
    );
    const occupant: Occupant = {
      thread,
      deployment: undefined,
      begunAt: performance.now(),
      state: 'standby',
      terminatedAt: undefined,
      memory: undefined,
    };
    this.seats.sit(seat, occupant);
    void thread.ended.then((end) => {
      this.options.onThreadEnd(seat);
      this.events.onEnd(occupant, end);
    });
    return occupant;
  }
}
