import * as fc from 'fast-check';
import { test } from 'tap';
import type { AtomicsSeam } from '../../src/shm/atomics.ts';
import { RING } from '../../src/shm/layout.ts';
import { EMPTY, Ring } from '../../src/shm/ring.ts';

/** Words of a ring whose head and tail stand at `position` (0 … 2^32-1), after everything before was passed. */
function wordsAt(cells: number, position: number): Int32Array {
  const words = new Int32Array(RING.cells + cells);
  words[RING.head] = position;
  words[RING.tail] = position;
  const rounds = 2 ** 32 / cells;
  const laps = Math.min(2 ** 16, rounds);
  const round = Math.floor(position / cells);
  for (let cell = 0; cell < cells; cell++) {
    // The round that filled this cell last; nothing has been filled before position 0 of the first round.
    const filled = cell < position % cells ? round : round - 1;
    words[RING.cells + cell] = (((((filled + 1) % laps) + laps) % laps) << 16) | (cell & 0xffff);
  }
  return words;
}

type Step =
  | { readonly kind: 'offer'; readonly entry: number }
  | { readonly kind: 'peek' | 'pass'; readonly consumer: 0 | 1 };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('offer' as const), entry: fc.nat(0xffff) }),
  fc.record({
    kind: fc.constantFrom('peek' as const, 'pass' as const),
    consumer: fc.constantFrom(0 as const, 1 as const),
  }),
);

/** A queue in plain words: what a ring of `cells` must do. */
class PlainQueue {
  readonly entries: number[] = [];
  private readonly cells: number;
  private passed = 0;
  private readonly seen = [0, 0];

  constructor(cells: number) {
    this.cells = cells;
  }

  offer(entry: number): 'stored' | 'full' {
    if (this.entries.length === this.cells) return 'full';
    this.entries.push(entry);
    return 'stored';
  }

  peek(consumer: number): number {
    const [entry] = this.entries;
    if (entry === undefined) return EMPTY;
    this.seen[consumer] = this.passed;
    return entry;
  }

  /** What this consumer has seen may have been passed by the other. */
  pass(consumer: number): void {
    if (this.seen[consumer] !== this.passed || this.entries.length === 0) return;
    this.entries.shift();
    this.passed++;
  }
}

function expect(real: unknown, wanted: unknown, what: string): void {
  if (real !== wanted) throw new Error(`${what}: ${real}, not ${wanted}`);
}

function agrees(cells: number, position: number, steps: readonly Step[]): void {
  const words = wordsAt(cells, position);
  const consumers = [new Ring(words, 0, cells, Atomics), new Ring(words, 0, cells, Atomics)] as const;
  const producer = new Ring(words, 0, cells, Atomics);
  const plain = new PlainQueue(cells);
  const looked = new Set<number>();
  for (const move of steps) {
    if (move.kind === 'offer') expect(producer.offer(move.entry), plain.offer(move.entry), 'offer');
    else if (move.kind === 'peek') {
      const entry = consumers[move.consumer].peek();
      expect(entry, plain.peek(move.consumer), 'peek');
      if (entry !== EMPTY) looked.add(move.consumer);
    } else if (looked.delete(move.consumer)) {
      consumers[move.consumer].pass();
      plain.pass(move.consumer);
    }
    expect(producer.depth(), plain.entries.length, 'depth');
  }
}

/** Where something wraps: the ring, the laps, the sign of positions, positions. */
const edges = (cells: number): fc.Arbitrary<number> =>
  fc
    .tuple(
      fc.constantFrom(0, cells, cells * 0xffff, cells * 0x10000, 2 ** 31, 2 ** 32),
      fc.integer({ min: -20, max: 20 }),
    )
    .map(([edge, offset]) => (((edge + offset) % 2 ** 32) + 2 ** 32) % 2 ** 32);

test('a ring does what a plain queue does, wherever its positions stand', (t) => {
  const shape = fc
    .integer({ min: 1, max: 4 })
    .chain((shift) => fc.record({ cells: fc.constant(2 ** shift), position: edges(2 ** shift) }));
  fc.assert(
    fc.property(shape, fc.array(step, { maxLength: 80 }), ({ cells, position }, steps) => {
      agrees(cells, position, steps);
    }),
    { numRuns: 2000 },
  );
  t.pass();
  t.end();
});

test('a ring that goes round fewer times than there are laps goes on when its positions wrap', (t) => {
  const cells = 2 ** 17;
  const words = wordsAt(cells, 2 ** 32 - cells);
  let loads = 0;
  const bounded: AtomicsSeam = Object.create(Atomics, {
    load: {
      value: (of: Int32Array, index: number) => {
        if (loads++ > 10) throw new Error('spins');
        return Atomics.load(of, index);
      },
    },
  });
  const ring = new Ring(words, 0, cells, bounded);
  for (let entry = 0; entry < 2 * cells; entry++) {
    loads = 0;
    expect(ring.offer(entry & 0xffff), 'stored', 'offer');
    expect(ring.peek(), entry & 0xffff, 'peek');
    ring.pass();
  }
  t.equal(words[RING.head], cells);
  t.end();
});

test('a full ring keeps what it has and takes more once an entry is passed', (t) => {
  const ring = new Ring(wordsAt(4, 2 ** 32 - 2), 0, 4, Atomics);
  for (const entry of [10, 11, 12, 13]) t.equal(ring.offer(entry), 'stored');
  t.equal(ring.offer(14), 'full');
  t.equal(ring.peek(), 10);
  ring.pass();
  t.equal(ring.offer(14), 'stored');
  const rest: number[] = [];
  for (let entry = ring.peek(); entry !== EMPTY; entry = ring.peek()) {
    rest.push(entry);
    ring.pass();
  }
  t.same(rest, [11, 12, 13, 14]);
  t.equal(ring.depth(), 0);
  t.end();
});

test('an entry whose producer died before it moved tail is there, and tail is moved by the next', (t) => {
  const words = wordsAt(4, 0);
  const ring = new Ring(words, 0, 4, Atomics);
  ring.offer(7);
  words[RING.tail] = 0;
  t.equal(ring.peek(), 7);
  ring.pass();
  t.equal(ring.depth(), 0, 'head ahead of tail is not a negative depth');
  t.equal(ring.offer(8), 'stored');
  t.equal(words[RING.tail], 2);
  t.equal(ring.peek(), 8);
  t.end();
});
