/** How long a thread may take to load what it was given. */
import { test } from 'tap';
import { loadedInTime } from '../../src/pool/bring-up.ts';

const nothing = { plugins: [], failures: [] };

test('a thread that does not get to the end of its loading is given up, and the reason says after how long', async (t) => {
  const ended = Promise.withResolvers<typeof nothing>();
  const reasons: string[] = [];
  const loaded = loadedInTime(
    ended.promise,
    (reason) => {
      reasons.push(reason);
      ended.reject(new Error('the thread ended'));
    },
    10,
  );
  await t.rejects(loaded, { message: 'the thread ended' });
  t.strictSame(reasons, ['not loaded within 10 ms']);
});

test('a thread that has loaded in time is left alone', async (t) => {
  const loaded = loadedInTime(Promise.resolve(nothing), () => t.fail('it was given up'), 10);
  t.equal(await loaded, nothing);
  await new Promise((resolve) => setTimeout(resolve, 30));
});
