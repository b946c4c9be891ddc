/**
 * The life of a slot: the transitions of state-word.ts, each with an outcome its caller must handle.
 *
 * What makes "exactly one answer" true: a slot leaves QUEUED by one successful exchange only, and a claimed
 * slot is taken from a worker only after that worker's thread has ended (`reclaim`), so no two threads ever
 * believe they own it.
 *
 *   happy worker                     dying worker
 *   claim → … write reply … commit   claim → †        supervisor, after the thread's exit: reclaim → 502
 *                                    … commit → †     the slot is DONE: the front delivers it as usual
 */
import type { Generation, SeatIndex, SlotIndex } from '../core/brand.ts';
import type { AtomicsSeam } from './atomics.ts';
import { SLOT, SLOT_WORDS } from './layout.ts';
import { claimed, done, generationOf, nextGeneration, PHASE, phaseOf, queued, seatOf } from './state-word.ts';

export class Slots {
  private readonly words: Int32Array;
  private readonly start: number;
  private readonly atomics: AtomicsSeam;

  constructor(words: Int32Array, start: number, atomics: AtomicsSeam) {
    this.words = words;
    this.start = start;
    this.atomics = atomics;
  }

  private at(slot: SlotIndex): number {
    return this.start + slot * SLOT_WORDS;
  }

  /** Reads a field written before the last transition this thread has seen. */
  field(slot: SlotIndex, field: number): number {
    return this.words[this.start + slot * SLOT_WORDS + field] ?? 0;
  }

  /** Writes a field of a slot this thread owns; the next transition publishes it. */
  setField(slot: SlotIndex, field: number, value: number): void {
    this.words[this.start + slot * SLOT_WORDS + field] = value;
  }

  /** The current state word; a moment later it may be another. */
  state(slot: SlotIndex): number {
    return this.atomics.load(this.words, this.at(slot));
  }

  /**
   * Front, owner of a FREE slot: publishes the request. Must come before the slot's number is put into the
   * submission queue: a consumer that meets the number and finds the slot not QUEUED drops the entry.
   */
  submit(slot: SlotIndex): Generation {
    const at = this.at(slot);
    const word = this.atomics.load(this.words, at);
    // Generations come round: a cancellation left from a life long ago must not hit this one.
    if (this.atomics.load(this.words, at + SLOT.cancelled) !== 0) {
      this.atomics.store(this.words, at + SLOT.cancelled, 0);
    }
    this.atomics.store(this.words, at, queued(word));
    return generationOf(word);
  }

  /** Worker: takes the slot. 'lost': withdrawn, or another worker was faster. */
  claim(slot: SlotIndex, seat: SeatIndex): 'claimed' | 'lost' {
    const at = this.at(slot);
    const word = this.atomics.load(this.words, at);
    if (phaseOf(word) !== PHASE.QUEUED) return 'lost';
    return this.atomics.compareExchange(this.words, at, word, claimed(word, seat)) === word
      ? 'claimed'
      : 'lost';
  }

  /** Front: takes back a call no worker has started. 'started': a worker has it, or has finished it. */
  withdraw(slot: SlotIndex): 'withdrawn' | 'started' {
    const at = this.at(slot);
    const word = this.atomics.load(this.words, at);
    if (phaseOf(word) !== PHASE.QUEUED) return 'started';
    return this.atomics.compareExchange(this.words, at, word, nextGeneration(word)) === word
      ? 'withdrawn'
      : 'started';
  }

  /** Worker: hands the finished reply over. 'revoked' cannot happen while the thread lives; never reply then. */
  commit(slot: SlotIndex, seat: SeatIndex): 'committed' | 'revoked' {
    const at = this.at(slot);
    const word = this.atomics.load(this.words, at);
    if (phaseOf(word) !== PHASE.CLAIMED || seatOf(word) !== seat) return 'revoked';
    return this.atomics.compareExchange(this.words, at, word, done(word)) === word ? 'committed' : 'revoked';
  }

  /** Supervisor, after the seat's thread has ended: takes back what it had claimed and not committed. */
  reclaim(slot: SlotIndex, seat: SeatIndex): 'reclaimed' | 'not-held' {
    const at = this.at(slot);
    const word = this.atomics.load(this.words, at);
    if (phaseOf(word) !== PHASE.CLAIMED || seatOf(word) !== seat) return 'not-held';
    this.atomics.store(this.words, at, nextGeneration(word));
    return 'reclaimed';
  }

  /** Front: ends the life of a DONE slot it has delivered. 'not-done': a duplicate notice; ignore it. */
  release(slot: SlotIndex): 'released' | 'not-done' {
    const at = this.at(slot);
    const word = this.atomics.load(this.words, at);
    if (phaseOf(word) !== PHASE.DONE) return 'not-done';
    this.atomics.store(this.words, at, nextGeneration(word));
    return 'released';
  }

  /** Front: nobody waits for this started call any more. The worker finds it with `isCancelled`. */
  cancel(slot: SlotIndex, generation: Generation): void {
    this.atomics.store(this.words, this.at(slot) + SLOT.cancelled, generation + 1);
  }

  /** Worker, owner of a claimed slot. */
  isCancelled(slot: SlotIndex): boolean {
    const flag = this.atomics.load(this.words, this.at(slot) + SLOT.cancelled);
    return flag !== 0 && flag === generationOf(this.state(slot)) + 1;
  }
}
