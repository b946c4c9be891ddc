/** What is explored, and what comes out of it. */
import type { Program } from './explorer-thread.ts';

export interface ThreadPlan<Event> {
  readonly name: string;
  readonly program: Program<Event>;
  /** Makes the thread mortal. */
  readonly death?: DeathNotice;
  /** How often this thread's waits may time out; 0 by default. */
  readonly timeOuts?: number;
}

/** What a death does, all at once: what an exit event tells those who care. */
export interface DeathNotice {
  /** The word that gets the thread's number in `threads` plus one; those who wait on it are woken. */
  readonly tells: number;
  /** A word that grows by one, for those who wait for other news as well. */
  readonly rings?: number;
}

export interface Model<Event> {
  /** Contents at the start. */
  readonly memory: Int32Array;
  readonly threads: readonly ThreadPlan<Event>[];
  /** Looks at an end; returns what is wrong with it. */
  readonly check: (rest: Rest<Event>) => string | undefined;
  /** For schedules that are shown to a person. */
  readonly nameOf?: (index: number) => string;
  /** Most switches away from a thread that could have gone on; unlimited by default. */
  readonly preemptions?: number;
  /** Most operations of one thread; 100 by default. */
  readonly operations?: number;
}

/** A state in which no thread has an operation to do. */
export interface Rest<Event> {
  /** A copy, for ordinary code with the real Atomics. */
  readonly memory: Int32Array;
  readonly threads: readonly ThreadAtRest<Event>[];
  /** True when not even a time-out is left to happen. */
  readonly final: boolean;
}

export interface ThreadAtRest<Event> {
  readonly name: string;
  readonly ending: 'finished' | 'asleep' | 'dead';
  /** The word an 'asleep' thread waits on. */
  readonly waitsOn: number | undefined;
  /** Where it has settled last; empty for one that has ended. */
  readonly place: string;
  readonly events: readonly Event[];
}

export interface Report {
  /** Distinct states visited. */
  readonly states: number;
  /** Different complete schedules these states stand for; inexact above 2^53. */
  readonly schedules: number;
  /** Moves left out because of `preemptions` or `operations`. 0: the search was exhaustive. */
  readonly cut: number;
  readonly violation: Violation | undefined;
}

export interface Violation {
  readonly reason: string;
  /** One line a move, with as few switches between threads as it takes. */
  readonly schedule: readonly string[];
}
