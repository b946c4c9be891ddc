import * as fc from 'fast-check';
import { test } from 'tap';
import { SeenIds } from '../../src/events/seen-ids.ts';

const LIFETIME = 1000;

test('an id is new once, and new again when its time is over', async (t) => {
  const seen = new SeenIds(LIFETIME, 10);
  t.equal(seen.add('a', 0), true);
  t.equal(seen.add('a', LIFETIME - 1), false);
  t.equal(seen.add('a', LIFETIME), true);
  t.equal(seen.add('a', 2 * LIFETIME - 1), false, 'its time has begun anew');
});

test('a forgotten id is new', async (t) => {
  const seen = new SeenIds(LIFETIME, 10);
  seen.add('a', 0);
  seen.forget('a');
  t.equal(seen.add('a', 1), true);
});

test('where there are too many, the oldest hundredth goes', async (t) => {
  const seen = new SeenIds(LIFETIME, 200);
  for (let n = 0; n < 201; n++) seen.add(`id ${n}`, 0);
  t.equal(seen.size, 199);
  t.equal(seen.add('id 2', 0), false, 'the third is still known');
  t.equal(seen.add('id 0', 0), true);
  t.equal(seen.add('id 1', 0), true);
});

test('where there are too many, all whose time is over go', async (t) => {
  const seen = new SeenIds(LIFETIME, 200);
  for (let n = 0; n < 150; n++) seen.add(`old ${n}`, 0);
  for (let n = 0; n < 51; n++) seen.add(`new ${n}`, LIFETIME);
  t.equal(seen.size, 51);
});

/** The same in the plainest words: a list, the oldest first. */
class Model {
  private list: { readonly id: string; readonly expiry: number }[] = [];
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(id: string, now: number): boolean {
    if (this.list.some((one) => one.id === id && now < one.expiry)) return false;
    this.forget(id);
    if (this.list.length >= this.capacity)
      this.list = this.list.slice(Math.ceil(this.capacity / 100)).filter(({ expiry }) => now < expiry);
    this.list.push({ id, expiry: now + LIFETIME });
    return true;
  }

  forget(id: string): void {
    this.list = this.list.filter((one) => one.id !== id);
  }

  get size(): number {
    return this.list.length;
  }
}

test('whatever comes in whatever order, it says what a plain list says', async () => {
  const id = fc.integer({ min: 0, max: 30 }).map(String);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), id }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), id }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(LIFETIME) }) },
  );
  fc.assert(
    fc.property(fc.constantFrom(1, 3, 12, 25), fc.array(step, { maxLength: 120 }), (capacity, steps) => {
      const seen = new SeenIds(LIFETIME, capacity);
      const model = new Model(capacity);
      let now = 0;
      for (const one of steps) {
        if (one.kind === 'wait') now += one.ms;
        else if (one.kind === 'add') {
          if (seen.add(one.id, now) !== model.add(one.id, now)) return false;
        } else {
          seen.forget(one.id);
          model.forget(one.id);
        }
        if (seen.size !== model.size || seen.size > capacity) return false;
      }
      return true;
    }),
  );
});
