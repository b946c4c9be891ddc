/**
 * Memory contents as values: each distinct content exists once, so that two states with equal memory
 * hold the same object and a number stands for it.
 */
export class Memory {
  readonly id: number;
  /** The words that are in use, in the order of `places`; later ones are 0. */
  readonly used: Int32Array;
  private readonly places: Places;
  private neighbours: Map<number, Memory> | undefined;

  constructor(id: number, used: Int32Array, places: Places) {
    this.id = id;
    this.used = used;
    this.places = places;
  }

  word(index: number): number {
    return this.used[this.places.find(index)] ?? 0;
  }

  /** A copy that ordinary code may use and change. */
  copy(): Int32Array {
    return this.places.spread(this.used);
  }

  /** The content one write away; `make` is asked once. */
  neighbour(index: number, value: number, make: () => Memory): Memory {
    const step = index * 2 ** 32 + (value >>> 0);
    this.neighbours ??= new Map();
    let neighbour = this.neighbours.get(step);
    if (neighbour === undefined) {
      neighbour = make();
      this.neighbours.set(step, neighbour);
    }
    return neighbour;
  }
}

/** Which words are in use: most of a model's memory, laid out like the real one, is never touched. */
class Places {
  private readonly placeOf: Int32Array;
  private readonly wordAt: number[] = [];

  constructor(words: number) {
    this.placeOf = new Int32Array(words).fill(-1);
  }

  /** -1 where the word has always been 0. */
  find(index: number): number {
    const place = this.placeOf[index];
    if (place === undefined) throw new RangeError(`word ${index} lies outside the model's memory`);
    return place;
  }

  findOrAdd(index: number): number {
    const place = this.find(index);
    if (place >= 0) return place;
    this.placeOf[index] = this.wordAt.length;
    return this.wordAt.push(index) - 1;
  }

  spread(used: Int32Array): Int32Array {
    const words = new Int32Array(this.placeOf.length);
    for (const [place, value] of used.entries()) words[this.wordAt[place] ?? 0] = value;
    return words;
  }
}

export class Memories {
  private readonly byContent = new Map<string, Memory>();
  private readonly places: Places;
  readonly start: Memory;

  constructor(words: Int32Array) {
    this.places = new Places(words.length);
    const used: number[] = [];
    for (const [index, value] of words.entries()) if (value !== 0) used[this.places.findOrAdd(index)] = value;
    this.start = this.of(Int32Array.from(used));
  }

  private of(used: Int32Array): Memory {
    // Trailing zeros say nothing: they are words that others of these contents use.
    let length = used.length;
    while (length > 0 && used[length - 1] === 0) length--;
    const content = Buffer.from(used.buffer, used.byteOffset, length * 4).toString('latin1');
    const known = this.byContent.get(content);
    if (known !== undefined) return known;
    const memory = new Memory(this.byContent.size, used.slice(0, length), this.places);
    this.byContent.set(content, memory);
    return memory;
  }

  write(memory: Memory, index: number, value: number): Memory {
    if (memory.word(index) === value) return memory;
    return memory.neighbour(index, value, () => {
      const place = this.places.findOrAdd(index);
      const used = new Int32Array(Math.max(memory.used.length, place + 1));
      used.set(memory.used);
      used[place] = value;
      return this.of(used);
    });
  }
}
