import { test } from 'tap';
import { UsageError } from '../../bench/commands/command.ts';
import { parseCompareOptions } from '../../bench/commands/compare-options.ts';

const parse = (...args: string[]) =>
  parseCompareOptions(args, { scenarios: ['echo', 'cpu'], variants: ['inline'] });

test('without arguments everything is measured at full length', async (t) => {
  t.match(parse(), { effort: { rounds: 5, searchPiscina: true }, only: undefined, variants: undefined });
});

test('--quick measures less, and --rounds goes before it', async (t) => {
  const quick = parse('--quick');
  t.ok(quick.effort.rounds < parse().effort.rounds);
  t.ok(quick.effort.seconds < parse().effort.seconds);
  t.equal(parse('--quick', '--rounds', '7').effort.rounds, 7);
});

test('lists are separated by commas', async (t) => {
  t.match(parse('--only', 'echo, cpu', '--variants=inline'), { only: ['echo', 'cpu'], variants: ['inline'] });
});

test('what it does not understand is a usage error that names it', async (t) => {
  t.throws(() => parse('--only', 'ecoh'), new UsageError('there is no scenario "ecoh"; there are echo, cpu'));
  t.throws(
    () => parse('--rounds', '0'),
    new UsageError('--rounds takes a whole number from 1 to 100, not "0"'),
  );
  t.throws(() => parse('--fast'), /--fast/);
  t.throws(() => parse('echo'), /echo/);
});
