import * as fc from 'fast-check';
import { test } from 'tap';
import { NonceStore } from '../../src/auth/nonce-store.ts';
import { SharedAuth } from '../../src/auth/shared.ts';

test('a nonce is new once within its time, and new again long after it', async (t) => {
  const store = new NonceStore(600);
  t.equal(store.insert('a', 0), 'new');
  t.equal(store.insert('a', 0), 'used');
  t.equal(store.insert('a', 599.9), 'used');
  t.equal(store.insert('b', 599.9), 'new');
  t.equal(store.insert('a', 700), 'new');
  t.equal(store.insert('b', 1199), 'used');
});

test('a full store refuses what is new, still knows what was used, and has room again in time', async (t) => {
  const store = new NonceStore(100, 3000);
  for (let index = 0; index < 3000; index++) {
    if (store.insert(`n${index}`, index / 1000) !== 'new') t.fail(`nonce ${index} is not new`);
  }
  t.equal(store.insert('more', 3), 'full');
  t.equal(store.insert('n0', 3), 'used');
  t.equal(store.insert('n2999', 99), 'used');
  t.equal(store.insert('more', 99), 'full', 'a refused nonce was not remembered instead of another');
  t.equal(store.insert('more', 120), 'new');
});

test('a call that a full store cannot remember is refused, with what makes room', async (t) => {
  const [shared, store] = [new SharedAuth(), new NonceStore(600, 1)];
  t.equal(shared.use(store, 'a'), undefined);
  t.equal(shared.use(store, 'a'), 'it has been used before');
  t.equal(shared.use(store, 'b'), 'too many signed calls to remember: a shorter toleranceS makes room');
});

test('property: nothing is forgotten before its time, whatever the rate, and nothing is kept for twice that', async (t) => {
  const pause = fc.constantFrom(0, 0.001, 0.1, 1, 9, 30);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(400), pause), { minLength: 200, maxLength: 3000 }), (calls) => {
      const store = new NonceStore(80);
      const usedAt = new Map<number, number>();
      let now = 0;
      for (const [nonce, wait] of calls) {
        now += wait;
        const last = usedAt.get(nonce) ?? Number.NEGATIVE_INFINITY;
        const insertion = store.insert(String(nonce), now);
        if (insertion === 'new' && now - last < 80) return false;
        if (insertion === 'used' && now - last > 160) return false;
        if (insertion === 'new') usedAt.set(nonce, now);
      }
      return true;
    }),
    { numRuns: 50 },
  );
  t.pass();
});
