/**
 * Lets a thread that computes for long stand back for those that have little to do: on Linux a nice value belongs to
 * one thread (setpriority(2), "C library/kernel differences"), and 0 means the calling one. Where it could not go back, the
 * thread stays as it is.
 */
import { setPriority } from 'node:os';
import { niceValueToReturnTo } from '../src/scheduling/return-right.ts';

/** What a computing thread is nicer by: beside another one it gets a tenth of the processor (sched(7)), alone all of it. */
const STEP = 10;
const NICEST = 19;
const SELF = 0;

export class Niceness {
  /** Undefined: it could not go back, or it is another system. */
  private readonly usual: number | undefined = niceValueToReturnTo();
  private isNice = false;

  /** From now on this thread is nicer than usual, or as usual again. */
  set(nice: boolean): void {
    if (this.usual === undefined || nice === this.isNice) return;
    this.isNice = nice;
    setPriority(SELF, nice ? Math.min(NICEST, this.usual + STEP) : this.usual);
  }
}
