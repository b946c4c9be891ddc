/**
 * A bounded queue of 16-bit numbers for any number of producers and consumers, in which a thread that dies
 * between any two steps holds up nobody.
 *
 * The usual design (reserve a position, then fill it) leaves a hole when the reserver dies. Here the
 * element itself is the commit point, and head and tail are hints that anybody may push forward:
 *
 *   offer   1. exchange the cell at tail from the previous lap's value to (this lap, entry)   ← the commit
 *           2. move tail one on: whoever sees the cell filled may do it, so dying after 1 is harmless
 *   pass    consumers read the cell at head, do what the entry asks for (claim the slot: an exchange of
 *           its own), and only then move head on; dying before that leaves an entry whose slot is no longer
 *           QUEUED, which the next consumer simply passes
 *
 * A cell is (lap:16, entry:16). The lap says for which round of the ring the cell was filled, so "filled?"
 * is answered by the cell alone and consumers never look at tail. A sleeper would have to miss exactly
 * 65 536 rounds between two instructions to be fooled.
 *
 * Positions are int32 and wrap; only their differences are used.
 */
import type { AtomicsSeam } from './atomics.ts';
import { RING } from './layout.ts';

/** No entry at the head. */
export const EMPTY = -1;

export class Ring {
  private readonly words: Int32Array;
  private readonly headAt: number;
  private readonly tailAt: number;
  private readonly cellsAt: number;
  private readonly mask: number;
  private readonly shift: number;
  private readonly lapMask: number;
  private readonly atomics: AtomicsSeam;
  /** Position of the entry `peek` returned last; `pass` moves beyond it. */
  private seen = 0;
  /**
   * What head was when this thread, as a producer, last had to know. Head never goes back, so room behind an old one is
   * room; and its line, which consumers write for every entry, stays with them meanwhile.
   */
  passed = 0;

  /** `cells`: a power of two. `start`: word offset of the region described in layout.ts. */
  constructor(words: Int32Array, start: number, cells: number, atomics: AtomicsSeam) {
    this.words = words;
    this.headAt = start + RING.head;
    this.tailAt = start + RING.tail;
    this.cellsAt = start + RING.cells;
    this.mask = cells - 1;
    this.shift = Math.log2(cells);
    // A ring above 65 536 cells goes round fewer than 65 536 times before positions wrap: laps must wrap then.
    this.lapMask = 0xffff >>> Math.max(0, this.shift - 16);
    this.atomics = atomics;
  }

  /** The first lap is 1, so a cell of zeros counts as not filled. */
  private lapOf(position: number): number {
    return ((position >>> this.shift) + 1) & this.lapMask;
  }

  /** Appends `entry` (0 … 65535). 'full': nothing was changed, try again after consumers moved on. */
  offer(entry: number): 'stored' | 'full' {
    const { atomics, words } = this;
    for (;;) {
      const tail = atomics.load(words, this.tailAt);
      const at = this.cellsAt + (tail & this.mask);
      const cell = atomics.load(words, at);
      const lap = this.lapOf(tail);
      if (cell >>> 16 === lap) {
        // Filled by someone who has not moved tail yet, or died before he could.
        atomics.compareExchange(words, this.tailAt, tail, (tail + 1) | 0);
        continue;
      }
      // Any other lap than the one before: this thread's tail is a whole round old.
      if (cell >>> 16 !== ((lap - 1) & this.lapMask)) continue;
      // Consumers must have passed this cell's previous entry before it may be overwritten.
      if ((tail - this.passed) >>> 0 > this.mask) {
        this.passed = atomics.load(words, this.headAt);
        if (((tail - this.passed) | 0) > this.mask) {
          if (atomics.load(words, this.tailAt) === tail) return 'full';
          continue;
        }
      }
      if (atomics.compareExchange(words, at, cell, (lap << 16) | entry) === cell) {
        atomics.compareExchange(words, this.tailAt, tail, (tail + 1) | 0);
        return 'stored';
      }
    }
  }

  /** The oldest entry, or EMPTY. Leaves it in place: call `pass` once its claim is decided. */
  peek(): number {
    const { atomics, words } = this;
    for (;;) {
      const head = atomics.load(words, this.headAt);
      const cell = atomics.load(words, this.cellsAt + (head & this.mask));
      if (cell >>> 16 === this.lapOf(head)) {
        this.seen = head;
        return cell & 0xffff;
      }
      // Not filled for this lap: empty, unless others have moved head on in between.
      if (atomics.load(words, this.headAt) === head) return EMPTY;
    }
  }

  /** Moves head beyond the entry `peek` returned last. Nothing happens if another consumer already has. */
  pass(): void {
    this.atomics.compareExchange(this.words, this.headAt, this.seen, (this.seen + 1) | 0);
  }

  /** Entries between head and tail, including those whose slots have been withdrawn; exact only at rest. */
  depth(): number {
    const depth =
      (this.atomics.load(this.words, this.tailAt) - this.atomics.load(this.words, this.headAt)) | 0;
    return depth < 0 ? 0 : depth;
  }
}
