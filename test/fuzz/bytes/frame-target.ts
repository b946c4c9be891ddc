/** src/wire/context-frame.ts: what is written is read back, and hostile bytes do no more than throw a RangeError. */
import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import {
  type CallIdentity,
  frameLength,
  LARGEST_FRAME,
  LONGEST_FIELD,
  NO_IDENTITY,
  readFrame,
  writeFrame,
} from '../../../src/wire/context-frame.ts';
import { target } from './target.ts';

const field = fc.option(
  fc
    .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: LONGEST_FIELD })
    .map((codes) => String.fromCharCode(...codes)),
  { nil: undefined },
);
const identity = fc
  .record({ requestId: field, userId: field, botId: field, conversationId: field }, { noNullPrototype: true })
  .map((given): CallIdentity => Object.assign({}, NO_IDENTITY, given));

function written(given: CallIdentity): Buffer {
  const bytes = Buffer.alloc(frameLength(given));
  writeFrame(bytes, 0, given);
  return bytes;
}

export const frameTarget = target('frame', identity, (given) => {
  const bytes = written(given);
  return isDeepStrictEqual(readFrame(bytes, 0, bytes.length), given)
    ? undefined
    : 'read back as another identity';
});

const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc.tuple(identity, fc.nat(), fc.nat(255)).map(([given, at, byte]) => {
    const bytes = written(given);
    bytes[at % bytes.length] = byte;
    return bytes;
  }),
);

export const hostileFrameTarget = target('hostile-frame', hostile, (frame) => {
  const bytes = Buffer.from(frame);
  let read: CallIdentity;
  try {
    read = readFrame(bytes, 0, bytes.length);
  } catch (error) {
    return error instanceof RangeError ? undefined : `threw ${String(error)}`;
  }
  const isText = Object.values(read).every((value) => value === undefined || typeof value === 'string');
  return isText && frameLength(read) <= LARGEST_FRAME + bytes.length
    ? undefined
    : 'more than the frame holds';
});
