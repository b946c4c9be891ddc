/**
 * How workers sleep and who wakes them: by need, not by arrival.
 *
 * Two bits for each seat. `attentive`: this worker is awake and sure to look at the queue within
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
 * The parked bit is a token. Whoever clears it sets the attentive bit by the same exchange, then wakes the
 * worker. A worker that woke by itself and finds the bit already cleared goes on. What the waker still has
 * to do may then come late, and must be harmless whatever the worker does by now: an attentive bit set late
 * would vouch for a worker that sleeps or computes, a parked word overwritten late would hide that the
 * worker sits in its event loop; a late notification only makes it look at the queue once more.
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
/** By so much of itself the known cost of calls may be wrong. */
const COST_TOLERANCE = 1 / 8;
const PARKED_BITS = (1 << GATE.attentive) - 1;

export class Parking {
  private readonly words: Int32Array;
  private readonly gateAt: number;
  /** Behind the last word of the gate that has seats. */
  private readonly gateEnd: number;
  private readonly seatsAt: number;
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
    this.gateEnd = region.gate + Math.ceil(seats / GATE.seatsPerWord);
    this.atomics = atomics;
  }

  private gateOf(seat: SeatIndex): number {
    return this.gateAt + Math.floor(seat / GATE.seatsPerWord);
  }

  private set(bit: number, seat: SeatIndex): void {
    this.atomics.or(this.words, this.gateOf(seat), bit);
  }

  private clear(bits: number, seat: SeatIndex): void {
    this.atomics.and(this.words, this.gateOf(seat), ~bits);
  }

  /** Is some worker sure to look at the queue soon? */
  anyAttentive(): boolean {
    for (let at = this.gateAt; at < this.gateEnd; at++) {
      if (this.atomics.load(this.words, at) >>> GATE.attentive !== 0) return true;
    }
    return false;
  }

  private attentiveCount(): number {
    let count = 0;
    for (let at = this.gateAt; at < this.gateEnd; at++) {
      count += popcount(this.atomics.load(this.words, at) >>> GATE.attentive);
    }
    return count;
  }

  anyParked(): boolean {
    for (let at = this.gateAt; at < this.gateEnd; at++) {
      if ((this.atomics.load(this.words, at) & PARKED_BITS) !== 0) return true;
    }
    return false;
  }

  /**
   * Worker: how long its recent calls kept it busy on average, in microseconds. Written only where it says something
   * else than before: producers read the line for every call, and would have to fetch it each time.
   */
  reportCost(micros: number): void {
    const at = this.gateAt + GATE.callCost;
    const known = this.atomics.load(this.words, at);
    if (Math.abs(micros - known) > known * COST_TOLERANCE) this.atomics.store(this.words, at, micros);
  }

  /** Microseconds the attentive workers would need for `calls` waiting calls. */
  workAhead(calls: number): number {
    const cost = this.atomics.load(this.words, this.gateAt + GATE.callCost);
    return (calls * cost) / Math.max(1, this.attentiveCount());
  }

  /** Worker: I look at the queue soon. */
  attend(seat: SeatIndex): void {
    this.set(attentiveBit(seat), seat);
  }

  /** Worker: I shall not look at the queue for a while. Check the queue afterwards, see the table above. */
  turnAway(seat: SeatIndex): void {
    this.clear(attentiveBit(seat), seat);
  }

  /** Worker: steps 1 and 2. The caller looks at the queue next, and then sleeps or calls `unpark`. */
  park(seat: SeatIndex, mode: ParkedMode): void {
    this.clear(attentiveBit(seat), seat);
    this.atomics.store(this.words, this.parkedAt(seat), mode);
    this.set(parkedBit(seat), seat);
  }

  /** Worker, parked as blocked: sleeps until woken or for `timeout` ms. */
  sleep(seat: SeatIndex, timeout: number): void {
    this.atomics.wait(this.words, this.parkedAt(seat), PARKED.blocked, timeout);
  }

  /** Worker: awake again, by itself or woken. */
  unpark(seat: SeatIndex): void {
    this.atomics.store(this.words, this.parkedAt(seat), PARKED.awake);
    this.clear(parkedBit(seat), seat);
    this.set(attentiveBit(seat), seat);
  }

  /** Wakes the parked worker with the lowest seat, so that under light load always the same one works. */
  wakeOne(): Wake {
    for (let at = this.gateAt, first = 0; at < this.gateEnd; at++, first += GATE.seatsPerWord) {
      const bit = this.takeToken(at, PARKED_BITS);
      if (bit !== 0) return this.rouse((first + 31 - Math.clz32(bit)) as SeatIndex);
    }
    return NONE;
  }

  /** Wakes this worker if it is parked. 'none': it was awake, or somebody else is waking it. */
  wake(seat: SeatIndex): Wake {
    return this.takeToken(this.gateOf(seat), parkedBit(seat)) === 0 ? NONE : this.rouse(seat);
  }

  /** Turns the lowest parked bit among `candidates` into its attentive bit. Returns it, or 0: none is set. */
  private takeToken(at: number, candidates: number): number {
    const { atomics, words } = this;
    for (;;) {
      const gate = atomics.load(words, at);
      const parked = gate & candidates;
      if (parked === 0) return 0;
      const bit = parked & -parked;
      const turned = (gate & ~bit) | (bit << GATE.attentive);
      if (atomics.compareExchange(words, at, gate, turned) === gate) return bit;
    }
  }

  /** The duty that comes with the token. */
  private rouse(seat: SeatIndex): Wake {
    const at = this.parkedAt(seat);
    if (this.atomics.load(this.words, at) === PARKED.looping) return { kind: 'ring', seat };
    this.atomics.compareExchange(this.words, at, PARKED.blocked, PARKED.awake);
    this.atomics.notify(this.words, at, 1);
    return { kind: 'notified', seat };
  }

  /** Supervisor, after the thread's exit: a dead worker is neither attentive nor parked. */
  forget(seat: SeatIndex): void {
    this.clear(attentiveBit(seat) | parkedBit(seat), seat);
    this.atomics.store(this.words, this.parkedAt(seat), PARKED.awake);
  }

  private parkedAt(seat: SeatIndex): number {
    return this.seatsAt + seat * SEAT_WORDS + SEAT.parked;
  }
}

function parkedBit(seat: SeatIndex): number {
  return 1 << (seat % GATE.seatsPerWord);
}

function attentiveBit(seat: SeatIndex): number {
  return parkedBit(seat) << GATE.attentive;
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
