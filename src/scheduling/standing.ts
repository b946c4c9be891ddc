/**
 * How a thread stands to the others: it competes with them for the processor, or stands back for them. One that stands back gets a
 * tenth of what the others get while they want the processor, all of it else, and makes way when they wake up.
 *
 *   competes ◄──standBack()/compete()──► stands back ──retire()──► stands back until its end
 *
 * Not less than a tenth, and not the class for idle threads (SCHED_IDLE): a thread that starts or ends holds locks which
 * calls need too, and beside busy processes it would not come to release them.
 */
import { existsSync } from 'node:fs';
import { getPriority } from 'node:os';
import { niceValueToReturnTo } from './return-right.ts';
import type { Scheduler, Turns } from './scheduler.ts';

/** What a thread that stands back is nicer by: a tenth of what others get (sched(7)). */
const NICER = 10;
const NICEST = 19;
/** Longer turns than anybody's, in µs: so all others go first. */
const LONG_TURNS = 10_000;
const USUAL_TURNS = 0;

export class Standing {
  private readonly tid: number;
  private readonly scheduler: Scheduler;
  private readonly mayReturn: boolean;
  private readonly usual: Turns;
  private readonly back: Turns;
  private isBack = false;

  /** Of another thread of this process, by the system's number for it; the calling one competes. */
  constructor(tid: number, scheduler: Scheduler, mayReturn = niceValueToReturnTo() !== undefined) {
    const nice = getPriority();
    this.tid = tid;
    this.scheduler = scheduler;
    this.mayReturn = mayReturn;
    this.usual = { nice, sliceUs: USUAL_TURNS };
    this.back = { nice: Math.min(NICEST, nice + NICER), sliceUs: LONG_TURNS };
  }

  /** It makes way for others until `compete`. Where it could not come back it stays as it is. */
  standBack(): void {
    if (this.mayReturn && !this.isBack) this.isBack = this.set(this.back);
  }

  /** It runs like any other again. */
  compete(): void {
    if (this.isBack) this.isBack = !this.set(this.usual);
  }

  /** It makes way for others from now on. */
  retire(): void {
    this.set(this.back);
  }

  private set(turns: Turns): boolean {
    // Else it has ended, and its number may be that of another process's thread by now.
    return existsSync(`/proc/self/task/${this.tid}`) && this.scheduler(this.tid, turns);
  }
}
