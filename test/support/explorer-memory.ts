/**
 * Memory contents as values: each distinct content exists once, so that two states with equal memory
 * hold the same object and a number stands for it.
 */
export class Memory {
  readonly id: number;
  private readonly words: Int32Array;
  /** Contents one write away, by word and value. */
  readonly neighbours = new Map<number, Memory>();

  constructor(id: number, words: Int32Array) {
    this.id = id;
    this.words = words;
  }

  word(index: number): number {
    const value = this.words[index];
    if (value === undefined) throw new RangeError(`word ${index} lies outside the model's memory`);
    return value;
  }

  /** A copy that ordinary code may use and change. */
  copy(): Int32Array {
    return Int32Array.from(this.words);
  }
}

export class Memories {
  private readonly byContent = new Map<string, Memory>();

  of(words: Int32Array): Memory {
    const content = Buffer.from(words.buffer, words.byteOffset, words.byteLength).toString('latin1');
    const known = this.byContent.get(content);
    if (known !== undefined) return known;
    const memory = new Memory(this.byContent.size, words);
    this.byContent.set(content, memory);
    return memory;
  }

  write(memory: Memory, index: number, value: number): Memory {
    if (memory.word(index) === value) return memory;
    const step = index * 2 ** 32 + (value >>> 0);
    let neighbour = memory.neighbours.get(step);
    if (neighbour === undefined) {
      const words = memory.copy();
      words[index] = value;
      neighbour = this.of(words);
      memory.neighbours.set(step, neighbour);
    }
    return neighbour;
  }

  get size(): number {
    return this.byContent.size;
  }
}
