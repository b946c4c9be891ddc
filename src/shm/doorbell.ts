/**
 * Tells a sleeping front that replies wait for it. Ringing costs a message, so it is done only when the
 * front has said it sleeps, and once per sleep.
 *
 *   front                                        worker
 *   1. pop everything                            1. push the reply
 *   2. say "asleep"                              2. asleep → awake by exchange? then send the message
 *   3. look once more, then return to epoll
 */
import type { AtomicsSeam } from './atomics.ts';

const AWAKE = 0;
const ASLEEP = 1;

export class Doorbell {
  private readonly words: Int32Array;
  private readonly at: number;
  private readonly atomics: AtomicsSeam;

  constructor(words: Int32Array, at: number, atomics: AtomicsSeam) {
    this.words = words;
    this.at = at;
    this.atomics = atomics;
  }

  /** Front, step 2. */
  fallAsleep(): void {
    this.atomics.store(this.words, this.at, ASLEEP);
  }

  /** Front: it found work in step 3, or has just been rung. */
  wakeUp(): void {
    this.atomics.store(this.words, this.at, AWAKE);
  }

  /** Worker, step 2. True: this worker, and no other, must send the message. */
  mustRing(): boolean {
    return (
      this.atomics.load(this.words, this.at) === ASLEEP &&
      this.atomics.compareExchange(this.words, this.at, ASLEEP, AWAKE) === ASLEEP
    );
  }
}
