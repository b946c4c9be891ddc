import { type Test, test } from 'tap';
import type { SlotIndex } from '../../src/core/brand.ts';
import { SLOT } from '../../src/shm/layout.ts';
import { Lane, type LaneOptions } from '../support/lane.ts';
import { LAST_WORDS, type LaneWorker } from '../support/lane-worker.ts';

function open(t: Test, options?: LaneOptions): Lane {
  const lane = new Lane(options);
  t.teardown(() => lane.close());
  return lane;
}

const claimed = (worker: LaneWorker): SlotIndex => {
  const slot = worker.claim();
  if (slot === undefined) throw new Error('nothing to claim');
  return slot;
};

test('a worker that dies with a call claimed: the call is answered 502, its slot and block come back', async (t) => {
  const lane = open(t);
  const call = lane.submit('echo', { n: 1 });
  claimed(lane.worker());
  t.strictSame(lane.worker().die(), { delivered: 0, failed: 1, retried: 0 });
  t.strictSame(call.answers, ['WORKER_DIED']);
  t.strictSame(lane.leftovers(), {});
  t.strictSame(lane.counts('echo'), { worker_died: 1 });
});

test('a worker that dies between commit and push: the finished answer is delivered', async (t) => {
  for (const where of ['own', 'new'] as const) {
    await t.test(
      `written to ${where === 'own' ? 'the request’s block' : 'a block of the worker’s own'}`,
      async (sub) => {
        const lane = open(sub);
        const call = lane.submit('echo', { n: 1 });
        lane.worker().commitUnannounced(claimed(lane.worker()), where);
        sub.strictSame(lane.worker().die(), { delivered: 1, failed: 0, retried: 0 });
        sub.strictSame(call.answers, [LAST_WORDS]);
        sub.strictSame(lane.leftovers(), {});
      },
    );
  }
});

test('a worker that dies before it sends an answer that found no block: 502, since its bytes are gone', async (t) => {
  const lane = open(t);
  const call = lane.submit('echo', { n: 1 });
  lane.worker().commitUnannounced(claimed(lane.worker()), 'none');
  t.strictSame(lane.worker().die(), { delivered: 0, failed: 1, retried: 0 });
  t.strictSame(call.answers, ['WORKER_DIED']);
  t.strictSame(lane.leftovers(), {});
});

test('a worker that dies after the push: the answer is delivered', async (t) => {
  const lane = open(t);
  const call = lane.submit('echo', { n: 1 });
  lane.worker().step();
  t.strictSame(lane.worker().die(), { delivered: 0, failed: 0, retried: 0 });
  t.match(call.answers, [{ status: 200, body: { data: { echo: { n: 1 } } } }]);
  t.strictSame(lane.leftovers(), {});
});

test('a worker that dies in the middle of several calls: each is answered once, others are untouched', async (t) => {
  const lane = open(t);
  const [first, second] = [lane.worker(0), lane.worker(1)];
  const lost = [lane.submit('hold', { n: 1 }), lane.submit('hold', { n: 2 })];
  first.step();
  first.step();
  const beside = lane.submit('hold', { n: 3 });
  second.step();
  const waiting = lane.submit('echo', { n: 4 });
  t.strictSame(first.die(), { delivered: 0, failed: 2, retried: 0 });
  t.strictSame(
    lost.map(({ answers }) => answers),
    [['WORKER_DIED'], ['WORKER_DIED']],
  );
  t.strictSame([beside.answers, waiting.answers], [[], []]);
  while (second.step());
  lane.heldCall({ n: 3 }).resolve({ ok: 3 });
  await lane.exchange();
  t.match(beside.answers, [{ status: 200, body: { data: { ok: 3 } } }]);
  t.match(waiting.answers, [{ status: 200, body: { data: { echo: { n: 4 } } } }]);
  t.strictSame(lane.leftovers(), {});
});

test('a worker that dies after its call has missed the deadline: there is no second answer', async (t) => {
  const lane = open(t);
  const call = lane.submit('hold', { n: 1 }, { timeoutMs: 50 });
  lane.worker().step();
  lane.pass(60);
  lane.worker().die();
  t.strictSame(call.answers, ['DEADLINE_EXCEEDED']);
  t.strictSame(lane.leftovers(), {});
  t.strictSame(lane.counts('hold'), { deadline_exceeded: 1 });
});

test('a worker that dies after its client has left: nobody is told, everything comes back', async (t) => {
  const lane = open(t);
  const call = lane.submit('hold', { n: 1 });
  lane.worker().step();
  lane.cancel(call);
  lane.worker().die();
  t.strictSame(call.answers, []);
  t.strictSame(lane.leftovers(), {});
});

test('a worker that dies while it waits for a body: 502, and the body is forgotten', async (t) => {
  const lane = open(t);
  const call = lane.submit('echo', { text: 'x'.repeat(3000) });
  lane.worker().step();
  lane.worker().die();
  t.strictSame(call.answers, ['WORKER_DIED']);
  const next = lane.submit('echo', { n: 2 });
  t.equal(next.slot, call.slot);
  lane.worker().step();
  await lane.exchange();
  t.match(next.answers, [{ status: 200, body: { data: { echo: { n: 2 } } } }]);
  t.strictSame(lane.leftovers(), {});
});

test('the next thread in the seat serves on, in the slots of the dead one', async (t) => {
  const lane = open(t);
  const lost = lane.submit('hold', { n: 1 });
  lane.worker().step();
  lane.worker().die();
  const next = lane.submit('hold', { n: 2 });
  t.equal(next.slot, lost.slot);
  lane.worker().step();
  lane.heldCall({ n: 2 }).resolve({ ok: 2 });
  await lane.exchange();
  t.match(next.answers, [{ status: 200, body: { data: { ok: 2 } } }]);
  t.strictSame(lane.leftovers(), {});
});

test('a worker that dies idle costs nothing', async (t) => {
  const lane = open(t);
  const call = lane.submit('echo', { n: 1 });
  t.strictSame(lane.worker().die(), { delivered: 0, failed: 0, retried: 0 });
  t.strictSame(call.answers, []);
  lane.worker(1).step();
  await lane.exchange();
  t.equal(call.answers.length, 1);
});

test('a call of an idempotent tool whose worker dies runs once more, on another worker', async (t) => {
  const lane = open(t, { idempotent: true });
  const call = lane.submit('hold', { n: 1 });
  lane.worker(0).step();
  t.strictSame(lane.worker(0).die(), { delivered: 0, failed: 0, retried: 1 });
  t.strictSame(call.answers, []);
  t.ok(lane.worker(1).step());
  t.strictSame(
    lane.held.map(({ input }) => input),
    [{ n: 1 }, { n: 1 }],
  );
  lane.held[1]?.resolve({ answer: 'of the second' });
  await lane.exchange();
  t.strictSame(call.answers, [
    { status: 200, body: { status: 'success', data: { answer: 'of the second' } } },
  ]);
  t.strictSame(lane.leftovers(), {});
});

test('a call that has cost two workers is answered 502', async (t) => {
  const lane = open(t, { idempotent: true });
  const call = lane.submit('hold', { n: 1 });
  lane.worker(0).step();
  lane.worker(0).die();
  lane.worker(1).step();
  t.strictSame(lane.worker(1).die(), { delivered: 0, failed: 1, retried: 0 });
  t.strictSame(call.answers, ['WORKER_DIED']);
  t.strictSame(lane.leftovers(), {});
});

test('a call nobody waits for any more does not run again', async (t) => {
  const lane = open(t, { idempotent: true });
  const gone = lane.submit('hold', { n: 1 });
  const late = lane.submit('hold', { n: 2 }, { timeoutMs: 50 });
  lane.worker(0).step();
  lane.worker(0).step();
  lane.cancel(gone);
  lane.pass(100);
  t.strictSame(lane.worker(0).die(), { delivered: 0, failed: 2, retried: 0 });
  t.notOk(lane.worker(1).step());
  t.strictSame([gone.answers, late.answers], [[], ['DEADLINE_EXCEEDED']]);
  t.strictSame(lane.leftovers(), {});
});

test('a worker writes the answer of an idempotent tool beside the request, which stays whole until it is done', async (t) => {
  for (const idempotent of [true, false]) {
    await t.test(idempotent ? 'idempotent' : 'not idempotent', async (sub) => {
      const lane = open(sub, { idempotent });
      const { slot } = lane.submit('echo', { n: 1 });
      if (slot === undefined) throw new Error('the call was refused');
      const request = lane.arena.slots.field(slot, SLOT.requestBlock);
      lane.worker().step();
      sub.equal(lane.arena.slots.field(slot, SLOT.replyBlock) !== request, idempotent);
      await lane.exchange();
      sub.strictSame(lane.leftovers(), {});
    });
  }
});

test('a body that came by message comes by message once more', async (t) => {
  const lane = open(t, { idempotent: true });
  const parameters = { pad: 'x'.repeat(2000) };
  const call = lane.submit('hold', parameters);
  lane.worker(0).step();
  await lane.exchange();
  lane.worker(0).die();
  lane.worker(1).step();
  await lane.exchange();
  t.equal(lane.held.length, 2);
  t.ok(lane.held.every(({ input }) => JSON.stringify(input) === JSON.stringify(parameters)));
  lane.held[1]?.resolve({});
  await lane.exchange();
  t.equal(call.answers.length, 1);
  t.strictSame(lane.leftovers(), {});
});

test('only the call whose code ran when the worker died counts against its tool', async (t) => {
  const lane = open(t);
  for (let n = 0; n < 3; n++) {
    lane.submit('hold', { n });
    lane.worker().step();
  }
  const culprit = lane.submit('echo', {});
  lane.arena.seats.beginRunning(lane.worker().seat, claimed(lane.worker()));
  lane.worker().die();
  t.strictSame(culprit.answers, ['WORKER_DIED']);
  t.match(lane.dispatcher.circuits(), [
    { tool: 0, calls: 1, failures: 1 },
    { tool: 1, calls: 0, failures: 0 },
  ]);
});
