/**
 * A server at one moment, in totals since its start: what happened between two moments is the difference of two views
 * (see rates.ts). Nothing is counted for it, so nobody pays but who asks.
 */
import type { SeatIndex, SlotIndex, ToolId } from '../core/brand.ts';
import type { CircuitView } from '../dispatch/circuits.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { WorkerPool, WorkerView } from '../pool/worker-pool.ts';
import type { Arena } from '../shm/arena.ts';
import { SLOT } from '../shm/layout.ts';
import { DURATION_BOUNDS, type HistogramReading, type Meters } from '../shm/meters.ts';
import { PHASE, phaseOf, seatOf } from '../shm/state-word.ts';
import type { ToolBinding } from '../wire/catalogue.ts';
import { outcomeName } from '../wire/outcome.ts';

export interface LiveSources {
  readonly meters: Meters;
  readonly arena: Arena;
  readonly dispatcher: Pick<Dispatcher, 'queued' | 'inFlight' | 'lingering' | 'circuits'>;
  readonly pool: Pick<WorkerPool, 'view'>;
  /** Every tool that has a number. */
  readonly tools: () => readonly ToolBinding[];
}

export interface LiveView {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly uptimeSeconds: number;
  /** Calls no worker has started. */
  readonly queueDepth: number;
  /** Calls somebody waits for. */
  readonly inFlight: number;
  /** Slots workers hold although their callers have been answered. */
  readonly lingering: number;
  readonly process: {
    readonly rssMb: number;
    /** User and system time of all threads. */
    readonly cpuSeconds: number;
  };
  /** Upper ends of the buckets of the histograms here, in seconds; one more bucket is open. */
  readonly bounds: readonly number[];
  /** By seat. */
  readonly workers: readonly LiveWorker[];
  /** Those that were ever called. */
  readonly tools: readonly LiveTool[];
}

export interface LiveWorker {
  readonly seat: number;
  readonly state: WorkerView['state'];
  /** Passes of its loop; the same number a quarter of a second later means that the thread stands still. */
  readonly turns: number;
  /** Of the seat, so that it grows over replacements. A thread that stands still adds to it afterwards. */
  readonly busySeconds: number;
  readonly gcSeconds: number;
  /** Undefined: not known (yet). */
  readonly heapMb?: number | undefined;
  /** Buffers and other memory outside the heap. */
  readonly externalMb?: number | undefined;
  /** Milliseconds since it was told to end; undefined: it was not. */
  readonly endingForMs?: number | undefined;
  /** What it has started and not finished, the most first. */
  readonly running: readonly { readonly tool: string; readonly calls: number }[];
}

export interface LiveTool {
  readonly plugin: string;
  readonly tool: string;
  /** Calls by how they ended; see wire/outcome.ts for the names. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly durations: HistogramReading;
  /** In the queue. */
  readonly waits: HistogramReading;
  /** Undefined: the tool has no circuit. */
  readonly circuit?: { readonly state: CircuitView['state']; readonly retryInMs: number } | undefined;
}

const MIB = 2 ** 20;

export function liveView(sources: LiveSources): LiveView {
  const { dispatcher } = sources;
  const { user, system } = process.cpuUsage();
  return {
    time: Date.now(),
    uptimeSeconds: process.uptime(),
    queueDepth: dispatcher.queued,
    inFlight: dispatcher.inFlight,
    lingering: dispatcher.lingering,
    process: { rssMb: process.memoryUsage.rss() / MIB, cpuSeconds: (user + system) / 1e6 },
    bounds: DURATION_BOUNDS,
    workers: liveWorkers(sources),
    tools: liveTools(sources),
  };
}

/** The workers alone. */
export function liveWorkers({ arena, meters, pool, tools }: LiveSources): LiveWorker[] {
  const names = new Map(tools().map(({ id, plugin, tool }) => [id, `${plugin}/${tool}`]));
  const started = startedCalls(arena);
  return pool.view().map(({ seat, state, heapMb, externalMb, endingForMs }) => {
    const { busy, gc } = meters.seat(seat);
    const calls = started.get(seat) ?? new Map<ToolId, number>();
    return {
      seat,
      state,
      turns: arena.seats.turns(seat),
      busySeconds: busy,
      gcSeconds: gc.sum,
      heapMb,
      externalMb,
      endingForMs,
      running: [...calls]
        .map(([tool, count]) => ({ tool: names.get(tool) ?? `tool ${tool}`, calls: count }))
        .toSorted((a, b) => b.calls - a.calls),
    };
  });
}

/**
 * Read from the slots: a thread that stands still does not publish what it has started. A slot that changes hands
 * while it is read may be counted for a tool it has just left.
 */
function startedCalls({ slots, shape }: Arena): ReadonlyMap<SeatIndex, ReadonlyMap<ToolId, number>> {
  const bySeat = new Map<SeatIndex, Map<ToolId, number>>();
  for (let index = 0; index < shape.fronts * shape.slotsPerFront; index++) {
    const slot = index as SlotIndex;
    const word = slots.state(slot);
    if (phaseOf(word) !== PHASE.CLAIMED) continue;
    const seat = seatOf(word);
    const tool = slots.field(slot, SLOT.tool) as ToolId;
    const calls = bySeat.get(seat) ?? new Map<ToolId, number>();
    calls.set(tool, (calls.get(tool) ?? 0) + 1);
    bySeat.set(seat, calls);
  }
  return bySeat;
}

function liveTools({ meters, dispatcher, tools }: LiveSources): LiveTool[] {
  const circuits = new Map(dispatcher.circuits().map((circuit) => [circuit.tool, circuit]));
  return tools().flatMap(({ id, plugin, tool }) => {
    const counts = [...meters.outcomes(id).entries()].filter(([, count]) => count > 0);
    if (counts.length === 0) return [];
    const circuit = circuits.get(id);
    return {
      plugin,
      tool,
      outcomes: Object.fromEntries(counts.map(([outcome, count]) => [outcomeName(outcome), count])),
      durations: meters.durations(id),
      waits: meters.waits(id),
      circuit: circuit && { state: circuit.state, retryInMs: circuit.retryInMs },
    };
  });
}
