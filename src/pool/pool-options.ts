/** What the pool is told once, and what it shows of itself. */
import type { SeatIndex, ToolId } from '../core/brand.ts';
import type { Log } from '../core/log.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Arena } from '../shm/arena.ts';
import type { PluginManifest, ToolBinding } from '../wire/catalogue.ts';
import type { TokenAnswer } from '../wire/coze-token.ts';
import type { OutboundHost } from '../wire/outbound.ts';
import type { LostWorker } from './deployment.ts';
import type { MemoryLimits, RecycleReason } from './memory-limits.ts';
import type { ReplacementTimes } from './replacement-times.ts';
import type { Occupant, WorkerState } from './seat-table.ts';
import type { LoadReport, TaskBasics } from './thread.ts';

export interface PoolOptions {
  readonly arena: Arena;
  /** Its `post` and `onOverdue` must lead to this pool. */
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  /** Workers to keep serving. */
  readonly size: number;
  readonly task: Omit<TaskBasics, 'memory'>;
  readonly memory: MemoryLimits;
  /** How long a worker may stay silent after a call of its missed the deadline, in ms. */
  readonly stuckGraceMs: number;
  /** Threads in native code that may be left behind before they are replaced no more. */
  readonly zombieLimit: number;
  /** The numbers of these plugins' tools; the same ones for the same names, always. */
  readonly bind: (plugins: readonly PluginManifest[]) => readonly ToolBinding[];
  /** The names behind a number that `bind` has given. */
  readonly toolName: (id: ToolId) => Pick<ToolBinding, 'plugin' | 'tool'> | undefined;
  /** The first worker's plugins decide which tools there are at first. Called once, before that worker serves. */
  readonly onLoaded: (report: LoadReport) => void;
  /** How long a retired worker may take to finish what it has started, in ms. */
  readonly drainMs: () => number;
  /** A serving worker was lost: it crashed, was stuck, or took too much memory. */
  readonly onLost: (lost: LostWorker) => void;
  /** What has changed about the hosts that the plugins in a seat call. */
  readonly onOutbound: (seat: SeatIndex, hosts: readonly OutboundHost[]) => void;
  /** A plugin wants the token of a user for Coze's API. Never rejects. */
  readonly onCozeToken: (user: string) => Promise<TokenAnswer>;
  /** The thread in this seat has ended, however; nothing comes from it any more. */
  readonly onThreadEnd: (seat: SeatIndex) => void;
}

/** Counts since the process started; they only grow. */
export interface PoolCounts {
  starts: number;
  crashes: number;
  terminations: number;
  readonly recycles: Record<RecycleReason, number>;
  readonly replacements: ReplacementTimes;
}

/** A worker as operators see it. */
export interface WorkerView {
  readonly seat: SeatIndex;
  readonly state: WorkerState;
  /** Share of its life its event loop was not idle, 0 … 1, as the runtime counts it. */
  readonly utilisation: number;
  /** Heap in MiB as seen last; undefined: not yet. */
  readonly heapMb: number | undefined;
  /** Buffers and what else hangs on JavaScript objects, in MiB. */
  readonly externalMb: number | undefined;
  /** Milliseconds since it was told to end; undefined: it was not. */
  readonly endingForMs: number | undefined;
}

const MIB = 2 ** 20;

export function viewOf({ thread, state, memory, terminatedAt }: Occupant): WorkerView {
  return {
    seat: thread.seat,
    state,
    utilisation: thread.worker.performance.eventLoopUtilization().utilization,
    heapMb: memory && memory.heap / MIB,
    externalMb: memory && memory.external / MIB,
    endingForMs: terminatedAt && Math.round(performance.now() - terminatedAt),
  };
}
