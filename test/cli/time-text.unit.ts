import { test } from 'tap';
import { ageText, durationText } from '../../src/cli/time-text.ts';

test('a duration is told in the unit that fits it', async (t) => {
  const cases = [
    [0.4, '0 ms'],
    [412.3, '412 ms'],
    [1000, '1.0 s'],
    [3140, '3.1 s'],
    [125_000, '2 min 5 s'],
  ] as const;
  for (const [ms, text] of cases) t.equal(durationText(ms), text);
});

test('an age is told in one unit', async (t) => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  const cases = [
    ['2026-03-10T12:00:00Z', '0 s'],
    ['2026-03-10T11:59:01Z', '59 s'],
    ['2026-03-10T11:59:00Z', '1 min'],
    ['2026-03-10T11:00:01Z', '59 min'],
    ['2026-03-10T09:00:00Z', '3 h'],
    ['2026-03-08T12:00:01Z', '47 h'],
    ['2026-03-01T12:00:00Z', '9 d'],
  ] as const;
  for (const [iso, text] of cases) t.equal(ageText(iso, now), text, iso);
});

test('a time ahead of this clock is now, and what is no time has no age', async (t) => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  t.equal(ageText('2026-03-10T12:00:09Z', now), '0 s');
  t.equal(ageText('yesterday', now), '-');
});
