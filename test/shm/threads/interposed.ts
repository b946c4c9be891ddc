/** The real Atomics with something in front of each operation. */
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';

export function interposed(before: () => void): AtomicsSeam {
  return {
    load: (words, index) => {
      before();
      return Atomics.load(words, index);
    },
    store: (words, index, value) => {
      before();
      return Atomics.store(words, index, value);
    },
    add: (words, index, value) => {
      before();
      return Atomics.add(words, index, value);
    },
    or: (words, index, value) => {
      before();
      return Atomics.or(words, index, value);
    },
    and: (words, index, value) => {
      before();
      return Atomics.and(words, index, value);
    },
    compareExchange: (words, index, expected, replacement) => {
      before();
      return Atomics.compareExchange(words, index, expected, replacement);
    },
    wait: (words, index, value, timeout) => {
      before();
      return Atomics.wait(words, index, value, timeout);
    },
    notify: (words, index, count) => {
      before();
      return Atomics.notify(words, index, count);
    },
  };
}
