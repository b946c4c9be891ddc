import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { test } from 'tap';
import {
  type CallIdentity,
  frameOf,
  LONGEST_FIELD,
  LONGEST_TARGET,
  NO_IDENTITY,
  NO_TARGET,
  readFrame,
  writeFrame,
} from '../../src/wire/context-frame.ts';

/** What may stand in a header or a request line. */
const plain = (longest: number, shortest = 1): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0x20, max: 0xff }), { minLength: shortest, maxLength: longest })
    .map((codes) => String.fromCharCode(...codes));
const field = fc.option(plain(LONGEST_FIELD), { nil: undefined });
const nativeTarget = fc.record(
  { query: plain(LONGEST_TARGET, 0), path: plain(100, 0) },
  { noNullPrototype: true },
);
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
    fc.property(identity, nativeTarget, fc.nat(100), (given, target, offset) => {
      const frame = frameOf(given, target);
      const bytes = Buffer.alloc(offset + frame.length + 8, 0xaa);
      writeFrame(bytes, offset, frame);
      const outside = [...bytes.subarray(0, offset), ...bytes.subarray(offset + frame.length)];
      return (
        isDeepStrictEqual(readFrame(bytes, offset, frame.length), { ...given, ...target }) &&
        outside.every((byte) => byte === 0xaa)
      );
    }),
  );
});

test('a call that nobody identified has no frame', async (t) => {
  t.equal(frameOf(NO_IDENTITY, NO_TARGET), '');
  t.strictSame(readFrame(Buffer.alloc(0), 0, 0), { ...NO_IDENTITY, ...NO_TARGET });
});
