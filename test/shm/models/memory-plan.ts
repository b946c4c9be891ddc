/**
 * Memory of a model: the regions of src/shm/layout.ts, but as many of each as the model wants, which the
 * real layout would refuse as too small. Every word has a name for the schedules that are shown.
 */
import { LINE, RING, SEAT, SEAT_WORDS, SLOT, SLOT_WORDS, WORD } from '../../../src/shm/layout.ts';

export class MemoryPlan {
  private size = 0;
  private readonly names = new Map<number, string>();

  /** Reserves words; `fields` names some of them by offset. Returns the offset of the first. */
  region(words: number, name: string, fields: Readonly<Record<string, number>> = {}): number {
    const start = this.size;
    this.size += words;
    for (const [field, offset] of Object.entries(fields)) this.names.set(start + offset, `${name}.${field}`);
    return start;
  }

  word(name: string): number {
    const at = this.region(1, name);
    this.names.set(at, name);
    return at;
  }

  ring(name: string, cells: number): number {
    const fields: Record<string, number> = { head: RING.head, tail: RING.tail };
    for (let cell = 0; cell < cells; cell++) fields[`cell${cell}`] = RING.cells + cell;
    return this.region(RING.cells + cells, name, fields);
  }

  slots(count: number): number {
    const start = this.size;
    for (let slot = 0; slot < count; slot++) this.region(SLOT_WORDS, `slot${slot}`, SLOT);
    return start;
  }

  seats(count: number): number {
    const start = this.size;
    for (let seat = 0; seat < count; seat++) this.region(SEAT_WORDS, `seat${seat}`, SEAT);
    return start;
  }

  gate(): number {
    return this.region(LINE / WORD, 'gate', { seats: 0 });
  }

  readonly nameOf = (index: number): string => this.names.get(index) ?? `word ${index}`;

  memory(): Int32Array {
    return new Int32Array(this.size);
  }
}
