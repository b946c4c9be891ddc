/**
 * A request body that arrives in more than one piece: gathered here until it is whole, because a slot is
 * taken only for calls that are ready to run. The usual body comes in one piece and never gets here.
 */

/** Largest body accepted, in bytes. */
export const LARGEST_BODY = 1024 * 1024;
/** Past this a sender who ignores the limit is cut off; up to it the rest is read and dropped. */
export const LARGEST_DISCARD = 16 * LARGEST_BODY;
/** What all bodies being gathered may hold together, in bytes. */
const LARGEST_TOTAL = 256 * LARGEST_BODY;
const FIRST = 16 * 1024;

/** Bytes held by all gatherings of this thread. */
let total = 0;

/** 'too-large': over the limit, nothing kept; 'no-room': too many large bodies at once. */
export type Gathered = 'kept' | 'too-large' | 'no-room';

export class BodyGathering {
  private bytes: Buffer = Buffer.alloc(0);
  private length = 0;

  /** Copies a piece; it is detached when the callback returns. */
  add(piece: Uint8Array): Gathered {
    const needed = this.length + piece.byteLength;
    if (needed > LARGEST_BODY) {
      this.drop();
      return 'too-large';
    }
    if (needed > this.bytes.byteLength && !this.grow(needed)) {
      this.drop();
      return 'no-room';
    }
    this.bytes.set(piece, this.length);
    this.length = needed;
    return 'kept';
  }

  private grow(needed: number): boolean {
    const size = Math.min(LARGEST_BODY, Math.max(FIRST, 2 * this.bytes.byteLength, needed));
    if (total + size - this.bytes.byteLength > LARGEST_TOTAL) return false;
    total += size - this.bytes.byteLength;
    const larger = Buffer.allocUnsafeSlow(size);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    return true;
  }

  /** Everything gathered so far; valid until the next `add` or `drop`. */
  whole(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Gives the memory back; must be called at the end whatever the end was. */
  drop(): void {
    total -= this.bytes.byteLength;
    this.bytes = Buffer.alloc(0);
    this.length = 0;
  }
}

/** Bytes held by bodies being gathered. */
export function gatheringBytes(): number {
  return total;
}
