/**
 * Looks at what every worker holds, often enough to be faster than code that allocates as fast as it can.
 *
 * A worker that gets back to its loop writes its reading into shared memory, which costs next to nothing. One that has
 * not since the last look is asked from here: that interrupts it for a fifth of a millisecond, which is only done while
 * there is work, or seldom.
 */
import type { Log } from '../core/log.ts';
import type { Arena } from '../shm/arena.ts';
import type { MemoryReadings } from '../shm/memory-readings.ts';
import {
  inMib,
  judgeMemory,
  type MemoryLimits,
  type MemoryReading,
  type RecycleReason,
  shares,
} from './memory-limits.ts';
import type { Occupant, SeatTable } from './seat-table.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 50;
/** A worker that is silent although nothing is asked of it is looked at after so many. */
const QUIET_LOOKS = 5;
/** The process's memory is read at every so-manieth look. */
const PROCESS_LOOKS = 20;
/** Milliseconds between two recyclings, so that the last one shows its effect. */
const PAUSE = { worker: 5_000, process: 15_000 } as const;

const MIB = 2 ** 20;

export interface MemoryWatchOptions {
  readonly arena: Arena;
  readonly seats: SeatTable;
  readonly readings: MemoryReadings;
  readonly limits: MemoryLimits;
  readonly log: Log;
  /** Whether any call waits or runs. */
  readonly isBusy: () => boolean;
  /** Exchanges a serving worker without loss; resolves when it is done or could not be done. */
  readonly recycle: (occupant: Occupant, reason: RecycleReason) => Promise<void>;
  readonly terminate: (occupant: Occupant, reason: string) => void;
}

export class MemoryWatch {
  private readonly options: MemoryWatchOptions;
  private readonly timer: NodeJS.Timeout;
  /** The heartbeat as read last, and for how many looks it has not moved. */
  private readonly beats = new WeakMap<Occupant, { turns: number; silent: number }>();
  private readonly asked = new WeakSet<Occupant>();
  private looks = 0;
  private isRecycling = false;
  private recycledAt = Number.NEGATIVE_INFINITY;

  constructor(options: MemoryWatchOptions) {
    this.options = options;
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { seats, readings, isBusy } = this.options;
    const patience = isBusy() ? 1 : QUIET_LOOKS;
    for (const occupant of seats.in('starting', 'serving', 'draining')) {
      const silent = this.silentLooks(occupant);
      if (silent === 0) this.judge(occupant, readings.of(occupant.thread.seat));
      else if (silent % patience === 0) void this.ask(occupant);
    }
    if (++this.looks % PROCESS_LOOKS === 0) this.weighProcess();
  }

  private silentLooks(occupant: Occupant): number {
    const turns = this.options.arena.seats.turns(occupant.thread.seat);
    const before = this.beats.get(occupant);
    const silent = before?.turns === turns ? before.silent + 1 : 0;
    this.beats.set(occupant, { turns, silent });
    return silent;
  }

  private async ask(occupant: Occupant): Promise<void> {
    if (this.asked.has(occupant)) return;
    this.asked.add(occupant);
    try {
      const { used_heap_size: heap, external_memory: external } =
        await occupant.thread.worker.getHeapStatistics();
      this.judge(occupant, { heap, external });
    } catch {
      // The thread has ended meanwhile.
    } finally {
      this.asked.delete(occupant);
    }
  }

  private judge(occupant: Occupant, memory: MemoryReading | undefined): void {
    if (memory === undefined) return;
    occupant.memory = memory;
    const verdict = judgeMemory(memory, this.options.limits);
    switch (verdict.kind) {
      case 'fine':
        return;
      case 'recycle':
        this.recycle(occupant, verdict.reason, PAUSE.worker);
        return;
      case 'terminate':
        this.options.terminate(occupant, verdict.reason);
        return;
      default:
        verdict satisfies never;
    }
  }

  private weighProcess(): void {
    const { seats, limits } = this.options;
    if (process.memoryUsage.rss() <= limits.processMb * MIB) return;
    const [heaviest] = seats.in('serving').toSorted((a, b) => held(b) - held(a));
    if (heaviest !== undefined) this.recycle(heaviest, 'process', PAUSE.process);
  }

  /** One at a time: more at once would cost the memory that is short. */
  private recycle(occupant: Occupant, reason: RecycleReason, pause: number): void {
    const { seats, log, recycle } = this.options;
    const now = performance.now();
    if (this.isRecycling || occupant.state !== 'serving' || now - this.recycledAt < pause) return;
    this.isRecycling = true;
    log.warn('a worker holds too much memory: it is replaced when it has finished its calls', {
      seat: occupant.thread.seat,
      limit: reason,
      process: inMib(process.memoryUsage.rss()),
      ...shares(seats.all().map(({ thread, memory }) => ({ seat: thread.seat, memory }))),
    });
    void recycle(occupant, reason).finally(() => {
      this.isRecycling = false;
      this.recycledAt = performance.now();
    });
  }
}

function held({ memory }: Occupant): number {
  return memory === undefined ? 0 : memory.heap + memory.external;
}
