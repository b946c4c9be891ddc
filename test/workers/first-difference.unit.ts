import * as fc from 'fast-check';
import { test } from 'tap';
import { firstDifference } from '../../workers/first-difference.ts';

/** JSON in which the order of keys does not show. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

test('equal values have no difference, whatever the order of their keys', async (t) => {
  t.equal(firstDifference({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }, 'it'), undefined);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      return firstDifference(JSON.parse(json), JSON.parse(json), 'it') === undefined;
    }),
  );
});

test('values are equal only if their JSON is', async () => {
  const small = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 2 }, fc.constantFrom(0, 1, '', null), tie('list'), tie('table')),
    list: fc.array(tie('value'), { maxLength: 2 }),
    table: fc.dictionary(fc.constantFrom('a', 'b'), tie('value'), { maxKeys: 2 }),
  })).value;
  fc.assert(
    fc.property(small, small, (one, other) => {
      return (firstDifference(one, other, 'it') === undefined) === (sorted(one) === sorted(other));
    }),
    { numRuns: 1_000 },
  );
});

test('the first difference is told with its place', async (t) => {
  const cases: readonly [actual: unknown, expected: unknown, told: string][] = [
    [{ a: { b: [1, 2] } }, { a: { b: [1, 3] } }, 'it.a.b[1] is 2, not 3'],
    [{}, { a: 1 }, 'it.a is missing, not 1'],
    [{ a: 1 }, {}, 'it.a is 1, not missing'],
    [[1], [1, 2], 'it[1] is missing, not 2'],
    [[], {}, 'it is [], not {}'],
    [null, {}, 'it is null, not {}'],
    ['1', 1, 'it is "1", not 1'],
    ['x'.repeat(500), '', `it is "${'x'.repeat(79)}…, not ""`],
  ];
  for (const [actual, expected, told] of cases) t.equal(firstDifference(actual, expected, 'it'), told);
});
