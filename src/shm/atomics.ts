/**
 * The seam: the operations on words that another thread may race with.
 *
 * Production code passes the global `Atomics`, which has exactly this shape, so V8 still compiles each call
 * to the machine instruction. Tests pass a scheduler that stops between any two operations and explores
 * what the other threads could have done there. A racing access that does not go through here is invisible
 * to that exploration, hence a defect.
 */
export interface AtomicsSeam {
  load(words: Int32Array, index: number): number;
  store(words: Int32Array, index: number, value: number): number;
  /** Returns the value before the addition. */
  add(words: Int32Array, index: number, value: number): number;
  /** Returns the value before. */
  or(words: Int32Array, index: number, value: number): number;
  /** Returns the value before. */
  and(words: Int32Array, index: number, value: number): number;
  /** Returns the value before; the exchange took place exactly when that equals `expected`. */
  compareExchange(words: Int32Array, index: number, expected: number, replacement: number): number;
  wait(words: Int32Array, index: number, value: number, timeout?: number): 'ok' | 'not-equal' | 'timed-out';
  notify(words: Int32Array, index: number, count?: number): number;
}
