/**
 * What each worker says of its own memory, so that the supervisor need not interrupt it to know.
 *
 * One row a seat, in 64-bit floats with one writer; a reader may meet the two numbers of different moments, which
 * matters to nobody.
 *
 *   row: heap │ external       in bytes; heap 0: nothing said yet
 */
import type { SeatIndex } from '../core/brand.ts';

const ROW = 2;

export class MemoryReadings {
  private readonly cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.cells = new Float64Array(memory);
  }

  /** The worker in that seat, or the supervisor before one takes it (with zeros). */
  write(seat: SeatIndex, heap: number, external: number): void {
    this.cells[seat * ROW] = heap;
    this.cells[seat * ROW + 1] = external;
  }

  /** Undefined: nothing said yet. */
  of(seat: SeatIndex): { readonly heap: number; readonly external: number } | undefined {
    const heap = this.cells[seat * ROW] ?? 0;
    return heap === 0 ? undefined : { heap, external: this.cells[seat * ROW + 1] ?? 0 };
  }
}

/** Zeroed memory for `MemoryReadings`. */
export function createMemoryReadings(seats: number): SharedArrayBuffer {
  return new SharedArrayBuffer(seats * ROW * Float64Array.BYTES_PER_ELEMENT);
}
