/**
 * Remembers for a while which nonces have been used, up to a limit.
 *
 * Nonces lie in tables by age. A table is begun when an eighth of the time is over or the last one is full, and is dropped as a
 * whole when its youngest nonce may be forgotten: nothing is moved, and a search looks into some twenty tables at most.
 */
import { hash, randomBytes } from 'node:crypto';
import { NonceTable } from './nonce-table.ts';

/** What 1 700 signed calls a second come to in ten minutes; 16 MB and more when full. */
const LIMIT = 2 ** 20;
const SMALLEST = 2 ** 10;
/** Parts of the time for which one table takes nonces. */
const PARTS = 8;

interface Page {
  readonly table: NonceTable;
  /** When it takes no more, and when it can be dropped; steady seconds. */
  readonly closesAt: number;
  readonly endsAt: number;
}

/** `full`: nothing was remembered, so the call must not be trusted. */
export type Insertion = 'new' | 'used' | 'full';

export class NonceStore {
  private ttlS: number;
  private readonly limit: number;
  /** Oldest first. */
  private readonly pages: Page[] = [];
  /** Nobody outside can choose nonces that fall together. */
  private readonly salt = randomBytes(16).toString('hex');
  private count = 0;

  /** `ttlS`: seconds for which a nonce is kept at least. */
  constructor(ttlS: number, limit = LIMIT) {
    this.ttlS = ttlS;
    this.limit = limit;
  }

  /** From now on for so many seconds at least; never for less than before. */
  keepFor(ttlS: number): void {
    this.ttlS = Math.max(this.ttlS, ttlS);
  }

  /** Uses a nonce at `now`, in steady seconds. */
  insert(nonce: string, now: number): Insertion {
    this.forget(now);
    const fingerprint = hash('sha256', this.salt + nonce, 'binary');
    const high = word(fingerprint, 0);
    // Two zeros mean a free place.
    const low = word(fingerprint, 4) || 1;
    for (const { table } of this.pages) if (table.has(high, low)) return 'used';
    if (this.count >= this.limit) return 'full';
    this.openPage(now).table.add(high, low);
    this.count++;
    return 'new';
  }

  private forget(now: number): void {
    for (let [oldest] = this.pages; oldest !== undefined && oldest.endsAt <= now; [oldest] = this.pages) {
      this.count -= oldest.table.count;
      this.pages.shift();
    }
  }

  private openPage(now: number): Page {
    const last = this.pages.at(-1);
    if (last !== undefined && now < last.closesAt && last.table.count < last.table.capacity) return last;
    const closesAt = now + this.ttlS / PARTS;
    const page = { table: new NonceTable(nextCapacity(last)), closesAt, endsAt: closesAt + this.ttlS };
    this.pages.push(page);
    return page;
  }
}

/** Follows the rate of calls, so that an eighth of the time needs one or two tables. */
function nextCapacity(last: Page | undefined): number {
  if (last === undefined) return SMALLEST;
  const { count, capacity } = last.table;
  if (count === capacity) return 2 * capacity;
  return count > capacity / 2 ? capacity : Math.max(capacity / 2, SMALLEST);
}

/** Four bytes of text that has one a character, as a number. */
function word(bytes: string, at: number): number {
  const [first, second] = [bytes.charCodeAt(at), bytes.charCodeAt(at + 1)];
  return (first | (second << 8) | (bytes.charCodeAt(at + 2) << 16) | (bytes.charCodeAt(at + 3) << 24)) >>> 0;
}
