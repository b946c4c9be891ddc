/**
 * Remembers a number for each state seen. Exact, and compact enough for millions: a state is a row of
 * integers in one long array, found by open addressing.
 */
export class Seen {
  private readonly width: number;
  private rows: Int32Array;
  private numbers: Float64Array;
  /** Row + 1 by hash; 0 is a free place. At most half full. */
  private places: Int32Array;
  private count = 0;

  /** `width`: integers in a row. */
  constructor(width: number) {
    this.width = width;
    this.rows = new Int32Array(width * 1024);
    this.numbers = new Float64Array(1024);
    this.places = new Int32Array(4096);
  }

  get size(): number {
    return this.count;
  }

  /** The handle of `row`, which is added with `initial` if it is new. */
  find(row: Int32Array, initial: number): { readonly handle: number; readonly isNew: boolean } {
    const { width } = this;
    const mask = this.places.length - 1;
    for (let place = this.hash(row, 0) & mask; ; place = (place + 1) & mask) {
      const handle = (this.places[place] ?? 0) - 1;
      if (handle >= 0) {
        const start = handle * width;
        let column = 0;
        while (column < width && this.rows[start + column] === row[column]) column++;
        if (column === width) return { handle, isNew: false };
        continue;
      }
      const added = this.count++;
      if (added === this.numbers.length) this.grow();
      this.rows.set(row, added * width);
      this.numbers[added] = initial;
      this.index(added);
      return { handle: added, isNew: true };
    }
  }

  get(handle: number): number {
    return this.numbers[handle] ?? 0;
  }

  set(handle: number, value: number): void {
    this.numbers[handle] = value;
  }

  private hash(words: Int32Array, start: number): number {
    let hash = 0;
    for (let column = 0; column < this.width; column++) {
      hash = Math.imul(hash ^ (words[start + column] ?? 0), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  private index(handle: number): void {
    const mask = this.places.length - 1;
    let place = this.hash(this.rows, handle * this.width) & mask;
    while (this.places[place] !== 0) place = (place + 1) & mask;
    this.places[place] = handle + 1;
  }

  private grow(): void {
    const { rows, numbers } = this;
    this.rows = new Int32Array(rows.length * 2);
    this.rows.set(rows);
    this.numbers = new Float64Array(numbers.length * 2);
    this.numbers.set(numbers);
    this.places = new Int32Array(this.places.length * 2);
    for (let handle = 0; handle < numbers.length; handle++) this.index(handle);
  }
}
