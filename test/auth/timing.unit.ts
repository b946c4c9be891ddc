/**
 * How long a refusal takes must not tell how much of a signature was right. Two kinds of wrong signatures, one byte off at the
 * beginning and one at the end, are refused by turns; the figure is how often the one took longer than the other, which
 * outliers cannot move. A compare that ends at the first difference is measured beside it, to show that this would be seen.
 */
import { randomBytes } from 'node:crypto';
import { test } from 'tap';
import { signingKey, signRequest } from '../../src/auth/sign.ts';
import type { Guard } from '../../src/wire/guard.ts';
import { freshGuard, NOW, outcome, type Request } from './requests.ts';

const SAMPLES = 10_000;
/** How far from one half the share of a guard may be; by chance alone it stays within 0.01. */
const BOUND = 0.04;
const BODY = Buffer.alloc(300, 'x');
const SECRET = randomBytes(32).toString('base64');

/** A request whose signature differs from the right one in this hexadecimal digit alone, and both signatures. */
function wrongAt(digit: number): {
  readonly request: Request;
  readonly given: string;
  readonly right: string;
} {
  const toSign = { method: 'POST', target: '/p/a/b', identity: ['', '', ''], body: BODY } as const;
  const header = signRequest(signingKey('k1', SECRET), toSign, NOW, 'n'.repeat(22));
  const right = header.slice(-64);
  const given = right.slice(0, digit) + (right[digit] === '0' ? '1' : '0') + right.slice(digit + 1);
  // Through bytes, so that both headers lie in memory in the same way.
  const value = Buffer.from(header.slice(0, -64) + given).toString('latin1');
  const headers = [['X-Coze-Plugin-Signature', value]] as const;
  return { request: { method: 'POST', target: '/p/a/b', headers, body: BODY }, given, right };
}

type Case = ReturnType<typeof wrongAt>;

/** Nanoseconds of each call, the two cases by turns, which of them first by chance. */
function measure(refuse: (one: Case) => void, cases: readonly [Case, Case]): [number[], number[]] {
  const times: [number[], number[]] = [[], []];
  for (let index = 0; index < SAMPLES; index++) {
    const first = Math.random() < 0.5 ? 0 : 1;
    for (const which of [first, 1 - first] as const) {
      const one = cases[which === 0 ? 0 : 1];
      const start = process.hrtime.bigint();
      refuse(one);
      times[which === 0 ? 0 : 1].push(Number(process.hrtime.bigint() - start));
    }
  }
  return times;
}

/** The share of pairs, one of each, in which `b` is the larger; ties count half. 0.5: no difference. (Mann and Whitney's U.) */
function shareLarger(a: readonly number[], b: readonly number[]): number {
  const sorted = a.toSorted((x, y) => x - y);
  let larger = 0;
  for (const value of b) larger += (countBelow(sorted, value) + countBelow(sorted, value + 0.5)) / 2;
  return larger / (a.length * b.length);
}

/** How many of `sorted` are less than `value`. */
function countBelow(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Looks at one beginning after the other, and ends at the first that differs. */
function leakyEqual(given: string, right: string): boolean {
  for (let length = 1; length <= right.length; length++) {
    if (!right.startsWith(given.slice(0, length))) return false;
  }
  return given.length === right.length;
}

test('refusing takes no longer the more of a signature is right', async (t) => {
  const guard: Guard = freshGuard([
    { type: 'signature', toleranceS: 300, keys: [{ id: 'k1', algorithm: 'hmac-sha256', secret: SECRET }] },
  ]);
  const cases = [wrongAt(0), wrongAt(63)] as const;
  const refuse = ({ request }: Case): void => {
    if (outcome(guard, request) === 'admitted') throw new Error('a wrong signature was admitted');
  };
  const leak = (one: Case): void => {
    refuse(one);
    if (leakyEqual(one.given, one.right)) throw new Error('they are equal');
  };
  const shares = {
    guard: shareLarger(...measure(refuse, cases)),
    leak: shareLarger(...measure(leak, cases)),
  };
  t.comment(JSON.stringify(shares));
  t.ok(Math.abs(shares.guard - 0.5) < BOUND, `${shares.guard.toFixed(3)} of the refusals took longer`);
  t.ok(shares.leak - 0.5 > 2 * BOUND, `with a compare that leaks: ${shares.leak.toFixed(3)}`);
});
