/**
 * How workers sleep and who wakes them: by need, not by arrival.
 *
 * Two bit sets over the seats. `attentive`: this worker is awake and sure to look at the queue within
 * moments, so a producer need not wake anybody. `parked`: this worker sleeps until woken. A worker that
 * runs a long synchronous call, or is full, is neither.
 *
 *   producer                               worker about to sleep
 *   1. put the entry into the queue        1. clear own attentive bit
 *   2. look at attentive, then parked      2. set own parked word and bit
 *                                          3. look at the queue once more
 *
 * All sequentially consistent: if the producer misses the parked bit, the worker's third step comes after
 * the producer's first and finds the entry. Either way somebody acts on it.
 *
 * The parked bit is a token. Whoever clears it wakes the worker, in this order: attentive bit, parked word,
 * notify. A worker that woke by itself and finds the bit already cleared goes on; the notification that
 * is still under way may then end a later sleep early, which only makes it look at the queue once more.
 */
import type { SeatIndex } from '../core/brand.ts';
import type { AtomicsSeam } from './atomics.ts';
import { GATE, SEAT, SEAT_WORDS } from './layout.ts';

/** Values of a seat's parked word. */
export const PARKED = {
  awake: 0,
  /** In Atomics.wait: nothing else runs in that thread. */
  blocked: 1,
  /** In its event loop, with timers and sockets alive: needs a message to come back. */
  looping: 2,
} as const;

export type ParkedMode = typeof PARKED.blocked | typeof PARKED.looping;

/** What `wakeOne` did. 'looping': the caller must ring that worker's port as well. */
export type Wake =
  | { readonly kind: 'none' }
  | { readonly kind: 'notified'; readonly seat: SeatIndex }
  | { readonly kind: 'ring'; readonly seat: SeatIndex };

const NONE: Wake = { kind: 'none' };

export class Parking {
  private readonly words: Int32Array;
  private readonly gateAt: number;
  private readonly seatsAt: number;
  private readonly seats: number;
  private readonly atomics: AtomicsSeam;

  constructor(
    words: Int32Array,
    region: { readonly gate: number; readonly seat: number },
    seats: number,
    atomics: AtomicsSeam,
  ) {
    this.words = words;
    this.gateAt = region.gate;
    this.seatsAt = region.seat;
    this.seats = seats;
    this.atomics = atomics;
  }

  private set(bits: number, seat: SeatIndex): void {
    this.atomics.or(this.words, this.gateAt + bits + (seat >>> 5), 1 << (seat & 31));
  }

  /** True when this call cleared the bit. */
  private clear(bits: number, seat: SeatIndex): boolean {
    const bit = 1 << (seat & 31);
    return (this.atomics.and(this.words, this.gateAt + bits + (seat >>> 5), ~bit) & bit) !== 0;
  }

  private any(bits: number): boolean {
    const at = this.gateAt + bits;
    if (this.atomics.load(this.words, at) !== 0) return true;
    return this.seats > 32 && this.atomics.load(this.words, at + 1) !== 0;
  }

  /** Is some worker sure to look at the queue soon? */
  anyAttentive(): boolean {
    return this.any(GATE.attentive);
  }

  /** How many workers are. */
  attentiveCount(): number {
    const at = this.gateAt + GATE.attentive;
    let count = popcount(this.atomics.load(this.words, at));
    if (this.seats > 32) count += popcount(this.atomics.load(this.words, at + 1));
    return count;
  }

  anyParked(): boolean {
    return this.any(GATE.parked);
  }

  /** Worker: I look at the queue soon. */
  attend(seat: SeatIndex): void {
    this.set(GATE.attentive, seat);
  }

  /** Worker: I shall not look at the queue for a while. Check the queue afterwards, see the table above. */
  turnAway(seat: SeatIndex): void {
    this.clear(GATE.attentive, seat);
  }

  /** Worker: steps 1 and 2. The caller looks at the queue next, and then sleeps or calls `unpark`. */
  park(seat: SeatIndex, mode: ParkedMode): void {
    this.clear(GATE.attentive, seat);
    this.atomics.store(this.words, this.parkedAt(seat), mode);
    this.set(GATE.parked, seat);
  }

  /** Worker, parked as blocked: sleeps until woken or for `timeout` ms. */
  sleep(seat: SeatIndex, timeout: number): void {
    this.atomics.wait(this.words, this.parkedAt(seat), PARKED.blocked, timeout);
  }

  /** Worker, not parked: a moment's rest that nobody ends early. */
  nap(seat: SeatIndex, timeout: number): void {
    this.atomics.wait(this.words, this.seatsAt + seat * SEAT_WORDS + SEAT.nap, 0, timeout);
  }

  /** Worker: awake again, by itself or woken. */
  unpark(seat: SeatIndex): void {
    this.atomics.store(this.words, this.parkedAt(seat), PARKED.awake);
    this.clear(GATE.parked, seat);
    this.set(GATE.attentive, seat);
  }

  /** Wakes the parked worker with the lowest seat, so that under light load always the same one works. */
  wakeOne(): Wake {
    for (let half = 0; half < (this.seats > 32 ? 2 : 1); half++) {
      for (;;) {
        const parked = this.atomics.load(this.words, this.gateAt + GATE.parked + half);
        if (parked === 0) break;
        const seat = (half * 32 + 31 - Math.clz32(parked & -parked)) as SeatIndex;
        const wake = this.wake(seat);
        if (wake.kind !== 'none') return wake;
      }
    }
    return NONE;
  }

  /** Wakes this worker if it is parked. 'none': it was awake, or somebody else is waking it. */
  wake(seat: SeatIndex): Wake {
    if (!this.clear(GATE.parked, seat)) return NONE;
    const at = this.parkedAt(seat);
    this.set(GATE.attentive, seat);
    const mode = this.atomics.load(this.words, at);
    this.atomics.store(this.words, at, PARKED.awake);
    if (mode === PARKED.looping) return { kind: 'ring', seat };
    this.atomics.notify(this.words, at, 1);
    return { kind: 'notified', seat };
  }

  /** Supervisor, after the thread's exit: a dead worker is neither attentive nor parked. */
  forget(seat: SeatIndex): void {
    this.clear(GATE.attentive, seat);
    this.clear(GATE.parked, seat);
    this.atomics.store(this.words, this.parkedAt(seat), PARKED.awake);
  }

  private parkedAt(seat: SeatIndex): number {
    return this.seatsAt + seat * SEAT_WORDS + SEAT.parked;
  }
}

function popcount(word: number): number {
  let rest = word;
  let count = 0;
  while (rest !== 0) {
    rest &= rest - 1;
    count++;
  }
  return count;
}
