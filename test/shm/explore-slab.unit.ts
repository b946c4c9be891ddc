import { test } from 'tap';
import { explore } from '../support/explorer.ts';
import { handoverModel } from './models/block-handover.ts';
import { holds } from './models/holds.ts';
import { REAL } from './models/parts.ts';
import { type SlabShape, slabModel } from './models/slab.ts';

const small = { size: 10, count: 2 };
const large = { size: 20, count: 1 };

test('no block has two holders, and none is lost', (t) => {
  const shapes: Record<string, SlabShape> = {
    'two threads': {
      classes: [small, large],
      threads: [
        [5, 'give', 5],
        [5, 15],
      ],
    },
    'two threads, one may die': {
      classes: [small, large],
      threads: [
        [5, 'give', 5],
        [5, 15],
      ],
      mortal: true,
    },
    'more wanted than there is': {
      classes: [small, large],
      threads: [
        [5, 5, 'give', 5, 5],
        [5, 15, 'give', 5],
      ],
      mortal: true,
    },
    'three threads, one block': { classes: [large], threads: [[5], [5], [5]], mortal: true },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, slabModel(REAL, shape));
  t.end();
});

test('a block handed over by a worker that dies is given back once', (t) => {
  holds(t, 'one block', handoverModel(REAL, { blocks: 1, rounds: 2 }));
  holds(t, 'two blocks', handoverModel(REAL, { blocks: 2, rounds: 1 }));
  t.end();
});

test("freeing a dead worker's blocks before its replies are delivered would take blocks from others", (t) => {
  const { violation } = explore(handoverModel(REAL, { blocks: 1, rounds: 1, reclaimsFirst: true }));
  t.match(violation?.reason, /taken from under its holder/);
  t.end();
});
