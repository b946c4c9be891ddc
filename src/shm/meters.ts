/**
 * Counters and histograms in shared memory: a worker that is replaced takes none of them along, and
 * recording costs an addition, not a library call. Telemetry folds them into the metrics when asked.
 *
 * Every cell is a 64-bit float with exactly one writing thread at a time (a front its own table, a worker
 * its seat's row), so plain additions lose nothing; a reader may see a value a moment old, never half a one.
 *
 *   ┌ front 0: tool row × TOOL_ROWS ┬ front 1 … ┬ seat row × SEATS ┬ seat 0: phase row × TOOL_ROWS ┬ seat 1 … ┐
 *   tool row: outcome counts │ duration buckets, sum │ wait buckets, sum │ read buckets, sum │ send buckets, sum
 *   seat row: busy seconds │ slab hits, misses, upgrades, fallbacks │ gc buckets, sum
 *   phase row: parse buckets, sum │ validate … │ run … │ encode …
 */
import type { FrontIndex, SeatIndex, ToolId } from '../core/brand.ts';

/**
 * Upper bounds in seconds of calls and their phases, of which most last microseconds. The objectives 0.008 and 0.08 are
 * among them. The last bucket is +Inf.
 */
export const DURATION_BOUNDS: readonly number[] = [
  0.000005, 0.00002, 0.0001, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.08, 0.16, 0.32, 0.64, 1.25,
  2.5, 5, 10, 30,
];
/** What a worker measures of a call, in this order. */
export const WORKER_PHASES = 4;
/** Upper bounds in seconds of garbage collection pauses. */
export const GC_BOUNDS: readonly number[] = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.08, 0.32];

/** A histogram as read: one count per bound and one for +Inf, not cumulative. */
export interface HistogramReading {
  readonly counts: readonly number[];
  /** Seconds. */
  readonly sum: number;
}

/** Tools a process can meter; later ones share the last row. */
const TOOL_ROWS = 1024;
const CELL = Float64Array.BYTES_PER_ELEMENT;

const histogramCells = (bounds: readonly number[]): number => bounds.length + 2;
const DURATION_CELLS = histogramCells(DURATION_BOUNDS);
const GC_CELLS = histogramCells(GC_BOUNDS);
const SEAT = { busy: 0, hits: 1, misses: 2, upgrades: 3, fallbacks: 4, gc: 5 } as const;
const SEAT_CELLS = SEAT.gc + GC_CELLS;
const PHASE_ROW_CELLS = WORKER_PHASES * DURATION_CELLS;

export interface MetersShape {
  readonly fronts: number;
  readonly seats: number;
  /** How many outcomes a call can have. */
  readonly outcomes: number;
}

/** How a worker's slab requests were served, since the process started. */
export interface SeatReading {
  /** Seconds the thread was neither asleep nor idle in its event loop. */
  readonly busy: number;
  readonly hits: number;
  readonly misses: number;
  readonly upgrades: number;
  readonly fallbacks: number;
  readonly gc: HistogramReading;
}

export class Meters {
  readonly shape: MetersShape;
  private readonly cells: Float64Array;
  private readonly rowCells: number;

  constructor(memory: SharedArrayBuffer, shape: MetersShape) {
    this.shape = shape;
    this.cells = new Float64Array(memory);
    this.rowCells = rowCells(shape);
  }

  /** Front `front` only: a call that was queued and has ended, `duration` microseconds after that. */
  recordCall(front: FrontIndex, tool: ToolId, outcome: number, duration: number): void {
    const row = this.toolRow(front, tool);
    this.bump(row + outcome, 1);
    this.observe(row + this.shape.outcomes, DURATION_BOUNDS, duration);
  }

  /** Front `front` only: what a started call had spent in the queue, in microseconds. */
  recordWait(front: FrontIndex, tool: ToolId, wait: number): void {
    this.observe(this.toolRow(front, tool) + this.shape.outcomes + DURATION_CELLS, DURATION_BOUNDS, wait);
  }

  /** Front `front` only: receiving a call, and sending its answer, in microseconds. */
  recordTransfer(front: FrontIndex, tool: ToolId, read: number, send: number): void {
    const first = this.toolRow(front, tool) + this.shape.outcomes + 2 * DURATION_CELLS;
    this.observe(first, DURATION_BOUNDS, read);
    this.observe(first + DURATION_CELLS, DURATION_BOUNDS, send);
  }

  /** The worker in `seat` only: `phase` 0 … WORKER_PHASES-1, in microseconds. */
  recordPhase(seat: SeatIndex, tool: ToolId, phase: number, micros: number): void {
    this.observe(this.phaseRow(seat, tool) + phase * DURATION_CELLS, DURATION_BOUNDS, micros);
  }

  /** Front `front` only: a call that was refused before it was queued. */
  countCall(front: FrontIndex, tool: ToolId, outcome: number): void {
    this.bump(this.toolRow(front, tool) + outcome, 1);
  }

  /** The worker in `seat` only. */
  addBusy(seat: SeatIndex, ms: number): void {
    this.bump(this.seatRow(seat) + SEAT.busy, ms / 1e3);
  }

  /** The worker in `seat` only: adds what was counted since the last call. */
  addSlab(seat: SeatIndex, delta: Omit<SeatReading, 'busy' | 'gc'>): void {
    const row = this.seatRow(seat);
    this.bump(row + SEAT.hits, delta.hits);
    this.bump(row + SEAT.misses, delta.misses);
    this.bump(row + SEAT.upgrades, delta.upgrades);
    this.bump(row + SEAT.fallbacks, delta.fallbacks);
  }

  /** The worker in `seat` only. */
  recordGc(seat: SeatIndex, micros: number): void {
    this.observe(this.seatRow(seat) + SEAT.gc, GC_BOUNDS, micros);
  }

  /** Sum over all fronts. */
  outcomes(tool: ToolId): readonly number[] {
    return Array.from({ length: this.shape.outcomes }, (_, outcome) => this.overFronts(tool, outcome));
  }

  durations(tool: ToolId): HistogramReading {
    return this.readHistogram(DURATION_BOUNDS, (cell) => this.overFronts(tool, this.shape.outcomes + cell));
  }

  waits(tool: ToolId): HistogramReading {
    const first = this.shape.outcomes + DURATION_CELLS;
    return this.readHistogram(DURATION_BOUNDS, (cell) => this.overFronts(tool, first + cell));
  }

  /** Receiving, and sending, over all fronts. */
  transfers(tool: ToolId): { readonly read: HistogramReading; readonly send: HistogramReading } {
    const first = this.shape.outcomes + 2 * DURATION_CELLS;
    const at = (start: number): HistogramReading =>
      this.readHistogram(DURATION_BOUNDS, (cell) => this.overFronts(tool, start + cell));
    return { read: at(first), send: at(first + DURATION_CELLS) };
  }

  /** One of the worker's phases, over all seats. */
  phase(tool: ToolId, phase: number): HistogramReading {
    return this.readHistogram(DURATION_BOUNDS, (cell) => {
      let sum = 0;
      for (let seat = 0; seat < this.shape.seats; seat++) {
        sum += this.cells[this.phaseRow(seat as SeatIndex, tool) + phase * DURATION_CELLS + cell] ?? 0;
      }
      return sum;
    });
  }

  seat(seat: SeatIndex): SeatReading {
    const row = this.seatRow(seat);
    const cell = (at: number): number => this.cells[row + at] ?? 0;
    return {
      busy: cell(SEAT.busy),
      hits: cell(SEAT.hits),
      misses: cell(SEAT.misses),
      upgrades: cell(SEAT.upgrades),
      fallbacks: cell(SEAT.fallbacks),
      gc: this.readHistogram(GC_BOUNDS, (at) => cell(SEAT.gc + at)),
    };
  }

  private toolRow(front: FrontIndex, tool: ToolId): number {
    return (front * TOOL_ROWS + Math.min(tool, TOOL_ROWS - 1)) * this.rowCells;
  }

  private seatRow(seat: SeatIndex): number {
    return this.shape.fronts * TOOL_ROWS * this.rowCells + seat * SEAT_CELLS;
  }

  private phaseRow(seat: SeatIndex, tool: ToolId): number {
    const seatRows = this.shape.fronts * TOOL_ROWS * this.rowCells + this.shape.seats * SEAT_CELLS;
    return seatRows + (seat * TOOL_ROWS + Math.min(tool, TOOL_ROWS - 1)) * PHASE_ROW_CELLS;
  }

  private bump(cell: number, by: number): void {
    this.cells[cell] = (this.cells[cell] ?? 0) + by;
  }

  /** Buckets first, then the sum. */
  private observe(first: number, bounds: readonly number[], micros: number): void {
    const seconds = micros / 1e6;
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++;
    this.bump(first + bucket, 1);
    this.bump(first + bounds.length + 1, seconds);
  }

  private overFronts(tool: ToolId, cell: number): number {
    let sum = 0;
    for (let front = 0; front < this.shape.fronts; front++) {
      sum += this.cells[this.toolRow(front as FrontIndex, tool) + cell] ?? 0;
    }
    return sum;
  }

  private readHistogram(bounds: readonly number[], cell: (at: number) => number): HistogramReading {
    return {
      counts: Array.from({ length: bounds.length + 1 }, (_, bucket) => cell(bucket)),
      sum: cell(bounds.length + 1),
    };
  }
}

function rowCells(shape: MetersShape): number {
  return shape.outcomes + 2 * DURATION_CELLS + 2 * DURATION_CELLS;
}

/** Zeroed memory for `Meters`; rows nobody writes cost no memory. */
export function createMeters(shape: MetersShape): SharedArrayBuffer {
  return new SharedArrayBuffer(
    (shape.fronts * TOOL_ROWS * rowCells(shape) + shape.seats * (SEAT_CELLS + TOOL_ROWS * PHASE_ROW_CELLS)) *
      CELL,
  );
}
