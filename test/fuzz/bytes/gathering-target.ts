/** src/front/body.ts: pieces in any sizes come out as one, up to the limit and not past it, and all is given back. */
import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { BodyGathering, gatheringBytes, LARGEST_BODY } from '../../../src/front/body.ts';
import { target } from './target.ts';

const size = fc.oneof(
  { arbitrary: fc.nat(100), weight: 5 },
  { arbitrary: fc.nat(70_000), weight: 3 },
  { arbitrary: fc.integer({ min: LARGEST_BODY - 200, max: LARGEST_BODY + 1 }), weight: 1 },
);

export const gatheringTarget = target('body-gathering', fc.array(size, { maxLength: 20 }), (sizes) => {
  const gathering = new BodyGathering();
  const sent: Buffer[] = [];
  let length = 0;
  for (const [index, bytes] of sizes.entries()) {
    const piece = Buffer.alloc(bytes, index + 1);
    length += bytes;
    const outcome = gathering.add(piece);
    if (length > LARGEST_BODY) {
      if (outcome !== 'too-large') return `${outcome} with ${length} bytes`;
      return gatheringBytes() === 0 ? undefined : 'keeps bytes of a body that is too large';
    }
    if (outcome !== 'kept') return `${outcome} with ${length} bytes`;
    sent.push(Buffer.from(piece));
    // As the library does: the piece is gone when the callback returns.
    piece.fill(0);
  }
  const isSame = Buffer.concat(sent).equals(gathering.whole());
  gathering.drop();
  if (gatheringBytes() !== 0) return `${gatheringBytes()} bytes are not given back`;
  return isSame ? undefined : 'other bytes';
});
