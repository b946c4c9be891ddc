import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { test } from 'tap';
import {
  type CallIdentity,
  frameLength,
  LARGEST_FRAME,
  LONGEST_FIELD,
  NO_IDENTITY,
  readFrame,
  writeFrame,
} from '../../src/wire/context-frame.ts';

const latin1 = fc
  .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: LONGEST_FIELD })
  .map((codes) => String.fromCharCode(...codes));
const field = fc.option(latin1, { nil: undefined });
const identity: fc.Arbitrary<CallIdentity> = fc.record(
  {
    requestId: field,
    userId: field,
    botId: field,
    conversationId: field,
    traceparent: field,
    traceId: field,
  },
  { noNullPrototype: true },
);

test('what is written is read back, and nothing beside it is touched', async () => {
  fc.assert(
    fc.property(identity, fc.nat(100), (given, offset) => {
      const length = frameLength(given);
      const bytes = Buffer.alloc(offset + length + 8, 0xaa);
      writeFrame(bytes, offset, given);
      const outside = [...bytes.subarray(0, offset), ...bytes.subarray(offset + length)];
      return (
        isDeepStrictEqual(readFrame(bytes, offset, length), given) &&
        length <= LARGEST_FRAME &&
        outside.every((byte) => byte === 0xaa)
      );
    }),
  );
});

test('a call that nobody identified has no frame', async (t) => {
  t.equal(frameLength(NO_IDENTITY), 0);
  t.equal(readFrame(Buffer.alloc(0), 0, 0), NO_IDENTITY);
});

test('the longest fields fill the largest frame', async (t) => {
  const longest = 'x'.repeat(LONGEST_FIELD);
  const given = {
    requestId: longest,
    userId: longest,
    botId: longest,
    conversationId: longest,
    traceparent: longest,
    traceId: longest,
  };
  t.equal(frameLength(given), LARGEST_FRAME);
});
