import { test } from 'tap';
import { BodyGathering, gatheringBytes, LARGEST_BODY } from '../../src/front/body.ts';

test('pieces come out as one', async (t) => {
  const gathering = new BodyGathering();
  const pieces = Array.from({ length: 100 }, (_, index) => Buffer.alloc(index * 37, index));
  for (const piece of pieces) t.equal(gathering.add(piece), 'kept');
  t.ok(Buffer.concat(pieces).equals(gathering.whole()));
  gathering.drop();
  t.equal(gatheringBytes(), 0);
});

test('a body over the limit is given up with all that was kept', async (t) => {
  const gathering = new BodyGathering();
  t.equal(gathering.add(Buffer.alloc(LARGEST_BODY)), 'kept');
  t.equal(gathering.add(Buffer.alloc(1)), 'too-large');
  t.equal(gatheringBytes(), 0);
  t.equal(gathering.whole().byteLength, 0);
});

test('all bodies together are bounded; what leaves makes room again', async (t) => {
  const half = Buffer.alloc(LARGEST_BODY / 2);
  const gatherings: BodyGathering[] = [];
  const fill = (): string => {
    const gathering = new BodyGathering();
    gatherings.push(gathering);
    const first = gathering.add(half);
    return first === 'kept' ? gathering.add(Uint8Array.of(0)) : first;
  };
  let kept = 0;
  while (fill() === 'kept') kept++;
  t.equal(kept, 256);
  t.equal(gatheringBytes(), 256 * LARGEST_BODY);
  gatherings[7]?.drop();
  t.equal(fill(), 'kept');
  for (const gathering of gatherings) gathering.drop();
  t.equal(gatheringBytes(), 0);
});
