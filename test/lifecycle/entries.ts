import type { Transition } from '../../src/lifecycle/version-state.ts';

/** Small, so that a test's few lines make files turn over. */
export const LARGEST = 16 * 1024;

/** The entry of this number, some longer than others. */
export function entry(n: number): Transition {
  return {
    plugin: 'weather',
    version: '1.0.0',
    hash: 'abc',
    from: 'REGISTERED',
    to: 'LOADING',
    cause: `${n} ${'改'.repeat(n % 50)}`,
  };
}

/** The number of an entry. */
export const numberOf = ({ cause }: Transition): number => Number.parseInt(cause, 10);
