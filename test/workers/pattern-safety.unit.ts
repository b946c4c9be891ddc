import { test } from 'tap';
import { checkPattern } from '../../workers/pattern-safety.ts';

const check = (pattern: string, limitMs = 10_000): Promise<void> =>
  checkPattern({ at: 'input.name.pattern', pattern }, limitMs);

test('ordinary patterns are safe', async (t) => {
  for (const pattern of [
    '^[0-9]{17}[0-9X]$',
    '^\\d{4}-\\d{2}-\\d{2}$',
    '^[a-z0-9-]+(\\.[a-z0-9-]+)*$',
    '\\p{L}+',
  ]) {
    await t.resolves(check(pattern), pattern);
  }
});

test('a pattern that backtracks without end is refused with its place, itself and a text', async (t) => {
  await t.rejects(check('^(a+)+$'), {
    message:
      /^input\.name\.pattern is slow for some texts \(exponential\): \^\(a\+\)\+\$ takes ages on 'a'.*repeat\(/,
  });
  await t.rejects(check('^(\\w+\\s?)*$'), { message: /\(exponential\)/ });
});

test('a pattern whose time grows with the square of the text is refused', async (t) => {
  await t.rejects(check('^\\s+|\\s+$'), { message: /\(2nd degree polynomial\)/ });
});

test('a pattern about which nothing is proven in time is refused', async (t) => {
  await t.rejects(check('^.{1,5000}$', 200), {
    message: 'input.name.pattern is not proven to be fast (timeout): ^.{1,5000}$',
  });
});

test('a long pattern is shortened', async (t) => {
  await t.rejects(check(`^[${'b'.repeat(120)}](a+)+$`), { message: /: \^\[b{98}… takes ages on / });
});
