/**
 * Compares two JSON values and tells where they part.
 */
/** Longest shown value. */
const LONGEST = 80;

/** Such as `lines[0].quantity is 2, not 1`; undefined: they are equal. `at`: what the values are called. */
export function firstDifference(actual: unknown, expected: unknown, at: string): string | undefined {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return firstOf(
      Array.from({ length: Math.max(actual.length, expected.length) }, (_, index) => [
        actual[index],
        expected[index],
        `${at}[${index}]`,
      ]),
    );
  }
  if (isObject(actual) && isObject(expected)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return firstOf([...keys].map((key) => [actual[key], expected[key], `${at}.${key}`]));
  }
  return Object.is(actual, expected) ? undefined : `${at} is ${shown(actual)}, not ${shown(expected)}`;
}

function firstOf(pairs: readonly (readonly [unknown, unknown, string])[]): string | undefined {
  for (const [actual, expected, at] of pairs) {
    const difference = firstDifference(actual, expected, at);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
