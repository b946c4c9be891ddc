/** The plugins that do their work while others go wrong around them. */
import { createHash } from 'node:crypto';
import { chainedDigest, digestOfSeed } from '../soaked-plugin.ts';
import type { Called } from './question.ts';

const digestOfText = `const digest = createHash('sha256').update(text).digest('hex');`;

function expectedDigest(_seed: number, text: string) {
  return { digest: createHash('sha256').update(text).digest('hex') };
}

function wait(ms: number): string {
  return `await new Promise((resolve) => setTimeout(resolve, ${ms}));`;
}

const behaved = { group: 'well-behaved', mayEnd: ['right'] } as const;

export const wellBehaved: readonly Called[] = [
  {
    ...behaved,
    name: 'echo',
    share: 6,
    textLength: 200,
    isSync: true,
    work: digestOfText,
    result: ', digest',
    expected: expectedDigest,
  },
  {
    ...behaved,
    name: 'io',
    share: 5,
    textLength: 200,
    work: `${wait(5)}\n${digestOfText}`,
    result: ', digest',
    expected: expectedDigest,
  },
  {
    ...behaved,
    name: 'cpu',
    share: 3,
    textLength: 200,
    isSync: true,
    work: chainedDigest,
    result: ', digest',
    expected: (seed) => ({ digest: digestOfSeed(seed) }),
  },
  {
    ...behaved,
    name: 'lookup',
    share: 5,
    textLength: 200,
    isIdempotent: true,
    work: `${wait(20)}\n${digestOfText}`,
    result: ', digest',
    expected: expectedDigest,
  },
  {
    ...behaved,
    name: 'big',
    share: 1,
    // The longest that a body of a mebibyte has room for.
    textLength: 1_048_500,
    isSync: true,
    work: digestOfText,
    result: ', digest',
    expected: expectedDigest,
  },
];

/** The one with long bodies, for clients that send or read slowly. */
export const big = byName('big');
/** One that takes a moment, for clients that leave meanwhile. */
export const io = byName('io');
/** The one that the server may call again. */
export const lookup = byName('lookup');

function byName(name: string): Called {
  const found = wellBehaved.find((plugin) => plugin.name === name);
  if (found === undefined) throw new Error(`there is no plugin ${name}`);
  return found;
}
