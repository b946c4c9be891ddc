/** src/wire/context-frame.ts: what is written is read back, and hostile bytes are read as some text of theirs. */
import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import {
  type CallIdentity,
  frameOf,
  LONGEST_FIELD,
  NO_IDENTITY,
  NO_TARGET,
  readFrame,
} from '../../../src/wire/context-frame.ts';
import { target } from './target.ts';

const field = fc.option(
  fc
    .array(fc.integer({ min: 0x20, max: 0xff }), { minLength: 1, maxLength: LONGEST_FIELD })
    .map((codes) => String.fromCharCode(...codes)),
  { nil: undefined },
);
const identity = fc
  .record({ requestId: field, userId: field, botId: field, conversationId: field }, { noNullPrototype: true })
  .map((given): CallIdentity => Object.assign({}, NO_IDENTITY, given));

function written(given: CallIdentity): Buffer {
  return Buffer.from(frameOf(given, NO_TARGET), 'latin1');
}

export const frameTarget = target('frame', identity, (given) => {
  const bytes = written(given);
  return isDeepStrictEqual(readFrame(bytes, 0, bytes.length), { ...given, ...NO_TARGET })
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
  const read = Object.values(readFrame(bytes, 0, bytes.length)).filter((value) => value !== undefined);
  const isText = read.every((value) => typeof value === 'string');
  return isText && read.join('').length <= bytes.length ? undefined : 'more than the frame holds';
});
