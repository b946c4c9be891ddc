/** What can go wrong inside a plugin, each in a plugin of its own. */
import type { Called } from './question.ts';

export interface Fault extends Called {
  /** Its worker cannot live on. */
  readonly isLethal: boolean;
}

const faulty = {
  group: 'fault',
  share: 1,
  textLength: 50,
  // Short, so that many pass it.
  timeoutMs: 1000,
  result: '',
  expected: () => ({}),
} as const;

export const faults: readonly Fault[] = [
  { ...faulty, name: 'exits', work: 'process.exit(3);', mayEnd: [], isLethal: true },
  { ...faulty, name: 'loops', work: 'for (;;);', mayEnd: [], isLethal: true, isSync: true },
  {
    ...faulty,
    name: 'backtracks',
    work: `/^(a+)+$/.test('a'.repeat(40) + '!');`,
    mayEnd: [],
    isLethal: true,
    isSync: true,
  },
  {
    ...faulty,
    name: 'heap-fast',
    work: 'const kept: unknown[] = [];\nfor (;;) kept.push(new Array(10_000).fill(seed));',
    mayEnd: [],
    isLethal: true,
    isSync: true,
  },
  {
    ...faulty,
    name: 'heap-slow',
    work: `const kept: unknown[] = [];
      for (;;) {
        for (let row = 0; row < 100; row += 1) kept.push(Array.from({ length: 1000 }, () => ({ seed })));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }`,
    mayEnd: [],
    isLethal: true,
  },
  {
    ...faulty,
    name: 'buffers',
    // 512 MiB within a second, held for two more, whether or not somebody still waits.
    work: `const kept: Buffer[] = [];
      for (let piece = 0; piece < 64; piece += 1) {
        kept.push(Buffer.alloc(8 * 1024 * 1024, 1));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await new Promise((resolve) => setTimeout(resolve, 2000));
      kept.length = 0;`,
    mayEnd: ['right'],
    isLethal: true,
  },
  {
    ...faulty,
    name: 'blocks-native',
    // One to a few seconds in which nothing can end the thread.
    work: `pbkdf2Sync('password', 'salt', 1_500_000 * (1 + (seed % 3)), 64, 'sha512');`,
    mayEnd: ['right'],
    isLethal: true,
    isSync: true,
  },
  {
    ...faulty,
    name: 'overflows',
    work: 'const deeper = (depth: number): number => 1 + deeper(depth + 1);\ndeeper(0);',
    mayEnd: ['failed'],
    isLethal: false,
    isSync: true,
  },
  {
    ...faulty,
    name: 'throws',
    work: `throw new Error('this call fails');`,
    mayEnd: ['failed'],
    isLethal: false,
    isSync: true,
  },
  {
    ...faulty,
    name: 'throws-late',
    work: `setTimeout(() => {
        throw new Error('thrown after the answer');
      }, 5);`,
    mayEnd: ['right'],
    isLethal: false,
  },
  {
    ...faulty,
    name: 'rejects',
    work: `void Promise.reject(new Error('nobody listens'));`,
    mayEnd: ['right', 'failed'],
    isLethal: false,
  },
  {
    ...faulty,
    name: 'never-settles',
    work: 'await new Promise(() => undefined);',
    mayEnd: [],
    isLethal: false,
  },
];
