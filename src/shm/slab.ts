/**
 * Blocks of shared memory in a few sizes, recycled for ever.
 *
 * The truth about a block is one word, its holder: 0 free, otherwise who may write to it. Taking a block is
 * an exchange 0 → holder, giving it back a store of 0: there is no shared free list a dying thread could
 * leave half linked, and everything a dead worker held is found by looking for its number.
 *
 * In front of that table each thread keeps a magazine per size, a private stack of blocks it gave back last:
 * the next taker gets a block whose lines are still in its cache. (The same shape as Go's sync.Pool.)
 *
 *   hit       the magazine had one
 *   miss      found by searching the table
 *   upgrade   the right size was used up, a larger block serves
 *   fallback  nothing fits: the caller takes the slow path, which always works
 */
import type { BlockIndex, SeatIndex } from '../core/brand.ts';
import type { AtomicsSeam } from './atomics.ts';
import type { ArenaShape } from './layout.ts';

/** Returned when no block fits; the caller takes the slow path. */
export const NO_BLOCK = -1;

/** Who holds a block: a worker's seat or a front. Never 0. */
export type Holder = number & { readonly holder: unique symbol };

export function seatHolder(seat: SeatIndex): Holder {
  return (seat + 1) as Holder;
}

export function frontHolder(front: number): Holder {
  return (0x100 + front) as Holder;
}

/** How often each way of getting a block was taken. */
export interface SlabCounts {
  hits: number;
  misses: number;
  upgrades: number;
  fallbacks: number;
}

const MAGAZINE = 256;

export class Slab {
  private counts: SlabCounts = { hits: 0, misses: 0, upgrades: 0, fallbacks: 0 };
  private readonly words: Int32Array;
  private readonly holdersAt: number;
  private readonly atomics: AtomicsSeam;
  private readonly holder: Holder;
  private readonly sizes: readonly number[];
  private readonly classStart: readonly number[];
  /** First block of each class; one entry more than classes. */
  private readonly firstBlock: number[] = [0];
  private readonly magazines: number[][] = [];
  /** Where the last search in each class stopped. */
  private readonly rotor: number[] = [];

  constructor(
    words: Int32Array,
    region: { readonly holders: number; readonly classStart: readonly number[] },
    shape: ArenaShape,
    holder: Holder,
    atomics: AtomicsSeam,
  ) {
    this.words = words;
    this.holdersAt = region.holders;
    this.classStart = region.classStart;
    this.holder = holder;
    this.atomics = atomics;
    this.sizes = shape.classes.map(({ size }) => size);
    let first = 0;
    for (const { count } of shape.classes) {
      first += count;
      this.firstBlock.push(first);
      this.magazines.push([]);
      this.rotor.push(0);
    }
  }

  /** A block of at least `bytes`, held by this thread, or NO_BLOCK. */
  take(bytes: number): BlockIndex | typeof NO_BLOCK {
    const { sizes } = this;
    let wanted = 0;
    while (wanted < sizes.length && (sizes[wanted] ?? 0) < bytes) wanted++;
    for (let sizeClass = wanted; sizeClass < sizes.length; sizeClass++) {
      const block = this.takeOf(sizeClass);
      if (block === NO_BLOCK) continue;
      if (sizeClass !== wanted) this.counts.upgrades++;
      return block as BlockIndex;
    }
    this.counts.fallbacks++;
    return NO_BLOCK;
  }

  private takeOf(sizeClass: number): number {
    const magazine = this.magazines[sizeClass];
    for (let block = magazine?.pop(); block !== undefined; block = magazine?.pop()) {
      if (this.grab(block)) {
        this.counts.hits++;
        return block;
      }
    }
    const first = this.firstBlock[sizeClass] ?? 0;
    const count = (this.firstBlock[sizeClass + 1] ?? first) - first;
    const start = this.rotor[sizeClass] ?? 0;
    for (let step = 0; step < count; step++) {
      const offset = (start + step) % count;
      if (this.grab(first + offset)) {
        this.rotor[sizeClass] = offset + 1;
        this.counts.misses++;
        return first + offset;
      }
    }
    return NO_BLOCK;
  }

  private grab(block: number): boolean {
    const at = this.holdersAt + block;
    return (
      this.atomics.load(this.words, at) === 0 &&
      this.atomics.compareExchange(this.words, at, 0, this.holder) === 0
    );
  }

  /** Gives back a block nobody else can write to any more; it need not have been taken by this thread. */
  give(block: BlockIndex): void {
    this.atomics.store(this.words, this.holdersAt + block, 0);
    const magazine = this.magazines[this.classOf(block)];
    if (magazine !== undefined && magazine.length < MAGAZINE) magazine.push(block);
  }

  private classOf(block: BlockIndex): number {
    let sizeClass = 0;
    while ((this.firstBlock[sizeClass + 1] ?? Number.POSITIVE_INFINITY) <= block) sizeClass++;
    return sizeClass;
  }

  /** Supervisor, after the thread's exit and after every front has delivered its replies: frees the rest. */
  reclaim(dead: Holder): number {
    const blocks = this.firstBlock.at(-1) ?? 0;
    let freed = 0;
    for (let block = 0; block < blocks; block++) {
      if (this.atomics.compareExchange(this.words, this.holdersAt + block, dead, 0) === dead) freed++;
    }
    return freed;
  }

  /** The counts since the last call. */
  takeCounts(): Readonly<SlabCounts> {
    const { counts } = this;
    this.counts = { hits: 0, misses: 0, upgrades: 0, fallbacks: 0 };
    return counts;
  }

  /** Blocks held by anybody; for gauges and tests. */
  held(): number {
    const blocks = this.firstBlock.at(-1) ?? 0;
    let held = 0;
    for (let block = 0; block < blocks; block++) {
      if (this.atomics.load(this.words, this.holdersAt + block) !== 0) held++;
    }
    return held;
  }

  /** Byte offset of a block in the arena. */
  offset(block: BlockIndex): number {
    const sizeClass = this.classOf(block);
    const first = this.firstBlock[sizeClass] ?? 0;
    return (this.classStart[sizeClass] ?? 0) + (block - first) * (this.sizes[sizeClass] ?? 0);
  }

  /** Bytes of a block. */
  capacity(block: BlockIndex): number {
    return this.sizes[this.classOf(block)] ?? 0;
  }
}
