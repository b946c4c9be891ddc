import { test } from 'tap';
import { ERRORS, type ErrorCode } from '../../src/core/errors.ts';
import {
  CLIENT_GONE,
  OUTCOMES,
  outcomeName,
  outcomeOf,
  SUCCESS,
  TOOL_ERROR,
} from '../../src/wire/outcome.ts';

const codes = Object.keys(ERRORS) as ErrorCode[];

test('every way a call can end has a number and a name of its own', async (t) => {
  const numbers = [SUCCESS, TOOL_ERROR, CLIENT_GONE, ...codes.map(outcomeOf)];
  t.strictSame(
    numbers.toSorted((a, b) => a - b),
    Array.from({ length: OUTCOMES }, (_, number) => number),
  );
  t.equal(new Set(numbers.map(outcomeName)).size, OUTCOMES);
});

test('an outcome is called as its code, in lower case', async (t) => {
  for (const code of codes) t.equal(outcomeName(outcomeOf(code)), code.toLowerCase());
  t.strictSame([SUCCESS, TOOL_ERROR, CLIENT_GONE].map(outcomeName), ['success', 'tool_error', 'client_gone']);
});
