/** The seam as a thread under exploration gets it. */
import type { AtomicsSeam } from '../../src/shm/atomics.ts';
import type { Operation, Result } from './explorer-operation.ts';

/** Thrown to stop a thread before its next operation. */
export const STOP = Symbol('the explorer stops the thread here');

/** Stands for the model's memory; holds nothing, and refuses to be touched. */
export const WORDS: Int32Array = new Proxy(new Int32Array(0), {
  get: (_, word) => {
    throw new Error(
      `plain read of ${String(word)}: under exploration shared words are touched through the seam only`,
    );
  },
  set: (_, word) => {
    throw new Error(
      `plain write of ${String(word)}: under exploration shared words are touched through the seam only`,
    );
  },
});

/** Answers the first operations from a record, takes down the next one, and stops the thread there. */
export class ScriptedSeam implements AtomicsSeam {
  next: Operation | undefined;
  /** Operations answered so far. */
  done = 0;
  /** Does `next` take place together with the operation before it? */
  nextJoins = false;
  private readonly results: readonly Result[];
  /** 'opened': the next operation is a step, what follows joins it. */
  private joining: 'no' | 'opened' | 'yes' = 'no';

  constructor(results: readonly Result[]) {
    this.results = results;
  }

  /** Everything `work` does belongs to one step. */
  readonly oneStep = <T>(work: () => T): T => {
    if (this.joining !== 'no') return work();
    this.joining = 'opened';
    try {
      return work();
    } finally {
      this.joining = 'no';
    }
  };

  /** Everything `work` does belongs to the step before it. */
  readonly sameStep = <T>(work: () => T): T => {
    const before = this.joining;
    this.joining = 'yes';
    try {
      return work();
    } finally {
      this.joining = before;
    }
  };

  private step(operation: Operation): Result {
    const joins = this.joining === 'yes';
    if (this.joining === 'opened') this.joining = 'yes';
    const result = this.results[this.done];
    if (result === undefined) {
      this.next = operation;
      this.nextJoins = joins;
      throw STOP;
    }
    this.done++;
    return result;
  }

  private number(operation: Operation): number {
    const result = this.step(operation);
    if (typeof result !== 'number') throw new TypeError(`${operation.kind} answered by ${result}`);
    return result;
  }

  load(_: Int32Array, index: number): number {
    return this.number({ kind: 'load', index });
  }
  store(_: Int32Array, index: number, value: number): number {
    return this.number({ kind: 'store', index, value: value | 0 });
  }
  add(_: Int32Array, index: number, value: number): number {
    return this.number({ kind: 'add', index, value: value | 0 });
  }
  or(_: Int32Array, index: number, value: number): number {
    return this.number({ kind: 'or', index, value: value | 0 });
  }
  and(_: Int32Array, index: number, value: number): number {
    return this.number({ kind: 'and', index, value: value | 0 });
  }
  compareExchange(_: Int32Array, index: number, expected: number, replacement: number): number {
    return this.number({
      kind: 'compareExchange',
      index,
      expected: expected | 0,
      replacement: replacement | 0,
    });
  }
  wait(_: Int32Array, index: number, value: number): 'ok' | 'not-equal' | 'timed-out' {
    const result = this.step({ kind: 'wait', index, value: value | 0 });
    if (typeof result === 'number') throw new TypeError(`wait answered by ${result}`);
    return result;
  }
  notify(_: Int32Array, index: number, count = Number.POSITIVE_INFINITY): number {
    return this.number({ kind: 'notify', index, count });
  }
}
