/**
 * When a thread stood still for its calls, and why: garbage collections, and stretches in which it did not get back to
 * its event loop. The last ones of each thread, so that a slow call can be laid beside them afterwards.
 *
 * One row a worker seat and one for the main thread, each a ring of the last PAUSES_KEPT entries with one writer. Cells
 * are 64-bit floats; a reader may meet an entry that is just being replaced and then sees a wrong pair of numbers, which
 * costs a wrong remark in a report, never more.
 *
 *   row: written so far │ entry × PAUSES_KEPT       entry: begin │ duration │ kind │ tool
 */
import type { SeatIndex, ToolId } from '../core/brand.ts';

/** Entries of one thread. */
export const PAUSES_KEPT = 256;

const KINDS = ['gc-young', 'gc-full', 'stall'] as const;

export type PauseKind = (typeof KINDS)[number];

export interface Pause {
  readonly kind: PauseKind;
  /** Milliseconds since the arena's epoch, as `Clock.now()`. */
  readonly begin: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Whose call held the thread; undefined for a garbage collection, and where it is not known. */
  readonly tool: ToolId | undefined;
}

const ENTRY = 4;
const ROW = 1 + PAUSES_KEPT * ENTRY;

export class Pauses {
  private readonly cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.cells = new Float64Array(memory);
  }

  /** The thread in that row only. */
  record(row: SeatIndex, { kind, begin, duration, tool }: Pause): void {
    const first = row * ROW;
    const written = this.cells[first] ?? 0;
    const at = first + 1 + (written % PAUSES_KEPT) * ENTRY;
    this.cells[at] = begin;
    this.cells[at + 1] = duration;
    this.cells[at + 2] = KINDS.indexOf(kind);
    this.cells[at + 3] = tool ?? -1;
    this.cells[first] = written + 1;
  }

  /** Oldest first. */
  of(row: SeatIndex): readonly Pause[] {
    const first = row * ROW;
    const written = this.cells[first] ?? 0;
    const kept = Math.min(written, PAUSES_KEPT);
    return Array.from({ length: kept }, (_, index) => {
      const at = first + 1 + ((written - kept + index) % PAUSES_KEPT) * ENTRY;
      const tool = this.cells[at + 3] ?? -1;
      return {
        begin: this.cells[at] ?? 0,
        duration: this.cells[at + 1] ?? 0,
        kind: KINDS[this.cells[at + 2] ?? 0] ?? 'stall',
        tool: tool < 0 ? undefined : (tool as ToolId),
      };
    });
  }
}

/** Zeroed memory for `Pauses`: `rows` is one per seat and one for the main thread. */
export function createPauses(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * ROW * Float64Array.BYTES_PER_ELEMENT);
}
