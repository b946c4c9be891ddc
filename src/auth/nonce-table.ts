/**
 * A set of fingerprints that only grows, in one block of memory: no object for each, nothing for the garbage collector.
 *
 *   ┌────────┬────────┬────────┬────────┬─ …  2 × capacity places of two words
 *   │ high 0 │ low 0  │ high 1 │ low 1  │     a place of two zeros is free
 *   └────────┴────────┴────────┴────────┴─
 *
 * A fingerprint lies in the first free place from the one its low word names, so a search ends at the first free one.
 */
export class NonceTable {
  /** Fingerprints it takes: half of its places, so that searches stay short. */
  readonly capacity: number;
  count = 0;
  private readonly words: Uint32Array;
  /** Places less one, all of whose bits are set. */
  private readonly mask: number;

  /** `capacity` is a power of two. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.words = new Uint32Array(4 * capacity);
    this.mask = 2 * capacity - 1;
  }

  /** `high` and `low` are 32 bits each, not both 0. */
  has(high: number, low: number): boolean {
    const { words, mask } = this;
    for (let place = low & mask; ; place = (place + 1) & mask) {
      const first = words[2 * place];
      const second = words[2 * place + 1];
      if (first === high && second === low) return true;
      if (first === 0 && second === 0) return false;
    }
  }

  /** Must not be full, and must not have it. */
  add(high: number, low: number): void {
    const { words, mask } = this;
    let place = low & mask;
    while (words[2 * place] !== 0 || words[2 * place + 1] !== 0) place = (place + 1) & mask;
    words[2 * place] = high;
    words[2 * place + 1] = low;
    this.count++;
  }
}
