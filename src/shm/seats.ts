/**
 * What the supervisor and one worker thread tell each other through shared memory: drain, which queue to serve,
 * cancellations, and a heartbeat that shows whether the thread still gets back to its loop.
 */
import type { SeatIndex, SlotIndex } from '../core/brand.ts';
import type { AtomicsSeam } from './atomics.ts';
import { SEAT, SEAT_WORDS } from './layout.ts';
import type { TrackName } from './track.ts';

/** Bits of a seat's command word. */
const DRAIN = 1;
const HEAVY = 2;

export class Seats {
  private readonly words: Int32Array;
  private readonly start: number;
  private readonly atomics: AtomicsSeam;

  constructor(words: Int32Array, start: number, atomics: AtomicsSeam) {
    this.words = words;
    this.start = start;
    this.atomics = atomics;
  }

  private at(seat: SeatIndex, word: number): number {
    return this.start + seat * SEAT_WORDS + word;
  }

  /** Supervisor, before a thread takes the seat: nothing of its predecessor remains. */
  reset(seat: SeatIndex): void {
    for (let word = 0; word < SEAT_WORDS; word++) this.atomics.store(this.words, this.at(seat, word), 0);
  }

  /** Supervisor: claim nothing more, finish what you have, return. Wake the worker afterwards. */
  drain(seat: SeatIndex): void {
    this.atomics.or(this.words, this.at(seat, SEAT.command), DRAIN);
  }

  isDraining(seat: SeatIndex): boolean {
    return (this.atomics.load(this.words, this.at(seat, SEAT.command)) & DRAIN) !== 0;
  }

  /** Front: serve the heavy track from now on, or the common one. Wake the worker afterwards. */
  assign(seat: SeatIndex, track: TrackName): void {
    const at = this.at(seat, SEAT.command);
    if (track === 'heavy') this.atomics.or(this.words, at, HEAVY);
    else this.atomics.and(this.words, at, ~HEAVY);
  }

  /** Worker: whether the heavy track is the one to serve. */
  isHeavy(seat: SeatIndex): boolean {
    return (this.atomics.load(this.words, this.at(seat, SEAT.command)) & HEAVY) !== 0;
  }

  /** Front: one more started call of this seat is cancelled. Wake the worker afterwards. */
  announceCancellation(seat: SeatIndex): void {
    this.atomics.add(this.words, this.at(seat, SEAT.cancellations), 1);
  }

  /** Worker: changes whenever there is something to look for among the started calls. */
  cancellations(seat: SeatIndex): number {
    return this.atomics.load(this.words, this.at(seat, SEAT.cancellations));
  }

  /** Worker: the serve loop has control. One writer, so a plain increment does. */
  beat(seat: SeatIndex): void {
    const at = this.at(seat, SEAT.turns);
    this.words[at] = ((this.words[at] ?? 0) + 1) | 0;
  }

  /** Supervisor: equal values some time apart mean the thread did not get back to its loop between them. */
  turns(seat: SeatIndex): number {
    return this.atomics.load(this.words, this.at(seat, SEAT.turns));
  }

  /** Worker: the synchronous part of this call runs now. One writer, so a plain store does. */
  beginRunning(seat: SeatIndex, slot: SlotIndex): void {
    this.words[this.at(seat, SEAT.running)] = slot + 1;
  }

  /** Worker: no synchronous part runs now. */
  endRunning(seat: SeatIndex): void {
    this.words[this.at(seat, SEAT.running)] = 0;
  }

  /** Supervisor: the call whose synchronous part runs now. */
  running(seat: SeatIndex): SlotIndex | undefined {
    const word = this.atomics.load(this.words, this.at(seat, SEAT.running));
    return word === 0 ? undefined : ((word - 1) as SlotIndex);
  }
}
