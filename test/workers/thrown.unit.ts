import { test } from 'tap';
import { messageOf, stackOf } from '../../workers/thrown.ts';

const hostile = new Proxy(
  {},
  {
    getPrototypeOf: () => {
      throw new Error('no');
    },
    get: () => {
      throw new Error('no');
    },
  },
);

test('an Error is read by its message and stack', async (t) => {
  const error = new RangeError('out of range');
  t.equal(messageOf(error), 'out of range');
  t.match(stackOf(error), /^RangeError: out of range\n/);
});

test('anything else that is thrown is read as text and has no stack', async (t) => {
  for (const [thrown, text] of [
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [7n, '7'],
    [Symbol('s'), 'Symbol(s)'],
  ] as const) {
    t.equal(messageOf(thrown), text);
    t.equal(stackOf(thrown), undefined);
  }
});

test('what throws again when it is read does not bring down the reader', async (t) => {
  for (const thrown of [hostile, Object.create(null), { toString: () => ({}) }]) {
    t.equal(messageOf(thrown), 'something was thrown that cannot be read');
    t.equal(stackOf(thrown), undefined);
  }
});
