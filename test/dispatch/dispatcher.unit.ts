import { type Test, test } from 'tap';
import { NO_IDENTITY } from '../../src/wire/context-frame.ts';
import { Lane, type LaneOptions } from '../support/lane.ts';

function open(t: Test, options?: LaneOptions): Lane {
  const lane = new Lane(options);
  t.teardown(() => lane.close());
  return lane;
}

const success = (data: object): object => ({ status: 200, body: { status: 'success', data } });

test('a call is answered once, with its own content', async (t) => {
  const lane = open(t);
  const calls = [1, 2, 3].map((n) => lane.submit('echo', { n }));
  while (lane.worker().step());
  await lane.exchange();
  await lane.exchange();
  t.strictSame(
    calls.map(({ answers }) => answers),
    [1, 2, 3].map((n) => [success({ echo: { n } })]),
  );
  t.strictSame(lane.leftovers(), {});
  t.strictSame(lane.counts('echo'), { success: 3 });
});

test('calls that take turns in the same slots never get each other’s answer', async (t) => {
  const lane = open(t);
  for (let n = 0; n < 100; n++) {
    const call = lane.submit('echo', { n });
    lane.worker(n % 2).step();
    await lane.exchange();
    t.strictSame(call.answers, [success({ echo: { n } })]);
  }
  t.strictSame(lane.leftovers(), {});
});

test('who calls travels in front of the body', async (t) => {
  const lane = open(t);
  const identity = {
    requestId: 'r-1',
    userId: '1',
    botId: 'b',
    conversationId: 'ünder',
    traceparent: undefined,
    traceId: undefined,
  };
  lane.submit('hold', { n: 1 }, { identity });
  lane.submit('hold', { n: 2 });
  while (lane.worker().step());
  const named = lane.heldCall({ n: 1 }).ctx;
  t.match(named, { requestId: 'r-1', userId: '1', botId: 'b', conversationId: 'ünder' });
  const unnamed = lane.heldCall({ n: 2 }).ctx;
  t.match(unnamed, { requestId: 'made-2', userId: '1', botId: undefined, conversationId: undefined });
});

test('a call whose client leaves before it is started never runs', async (t) => {
  const lane = open(t);
  const call = lane.submit('echo', { n: 1 });
  lane.cancel(call);
  t.equal(lane.worker().step(), false);
  await lane.exchange();
  t.strictSame([call.answers, lane.started], [[], 0]);
  t.strictSame(lane.leftovers(), {});
  t.strictSame(lane.counts('echo'), { client_gone: 1 });
});

test('a started call whose client leaves sees its signal, and its slot comes back', async (t) => {
  const lane = open(t);
  const call = lane.submit('hold', { n: 1 });
  lane.worker().step();
  lane.cancel(call);
  t.strictSame(lane.leftovers(), { lingering: 1, blocks: 1 }, 'the worker may still write to it');
  lane.worker().notice();
  const { signal } = lane.heldCall({ n: 1 }).ctx;
  t.match(signal.reason, { name: 'AbortError' });
  await lane.exchange();
  t.strictSame(call.answers, []);
  t.strictSame(lane.leftovers(), {});
});

test('only the one who waits can cancel', async (t) => {
  const lane = open(t);
  const gone = lane.submit('echo', { n: 1 });
  lane.cancel(gone);
  const next = lane.submit('echo', { n: 2 });
  t.equal(next.slot, gone.slot, 'the slot is used again');
  lane.cancel(gone);
  while (lane.worker().step());
  await lane.exchange();
  t.strictSame(next.answers, [success({ echo: { n: 2 } })]);
});

test('a call that is not started by its deadline is answered and never runs', async (t) => {
  const lane = open(t);
  const call = lane.submit('echo', { n: 1 }, { timeoutMs: 50 });
  lane.pass(40);
  t.strictSame(call.answers, []);
  lane.pass(20);
  t.strictSame(call.answers, ['DEADLINE_EXCEEDED']);
  t.equal(lane.worker().step(), false);
  t.strictSame(lane.leftovers(), {});
  t.strictSame(lane.overdue, [], 'no worker is to blame');
});

test('a call that runs past its deadline is answered, its worker reported, its signal aborted', async (t) => {
  const lane = open(t);
  const call = lane.submit('hold', { n: 1 }, { timeoutMs: 50 });
  lane.worker(1).step();
  lane.pass(60);
  t.strictSame(call.answers, ['DEADLINE_EXCEEDED']);
  t.strictSame(lane.overdue, [1]);
  lane.worker(1).notice();
  t.match(lane.heldCall({ n: 1 }).ctx.signal.reason, { name: 'TimeoutError' });
  lane.pass(1000);
  await lane.exchange();
  t.strictSame(call.answers, ['DEADLINE_EXCEEDED']);
  t.strictSame(lane.leftovers(), {});
  t.strictSame(lane.counts('hold'), { deadline_exceeded: 1 });
});

test('an answer that comes after the deadline reaches nobody, least of all the slot’s next call', async (t) => {
  const lane = open(t);
  const late = lane.submit('hold', { n: 1 }, { timeoutMs: 50 });
  lane.worker().step();
  lane.pass(60);
  const others = Array.from({ length: 7 }, (_, n) => lane.submit('echo', { n }));
  t.notOk(
    others.some(({ slot }) => slot === late.slot),
    'the slot is out of use while the worker has it',
  );
  lane.heldCall({ n: 1 }).resolve({ late: true });
  await lane.exchange();
  const next = lane.submit('echo', { n: 'next' });
  t.equal(next.slot, late.slot);
  while (lane.worker().step());
  await lane.exchange();
  t.strictSame(late.answers, ['DEADLINE_EXCEEDED']);
  t.strictSame(next.answers, [success({ echo: { n: 'next' } })]);
  t.strictSame(lane.leftovers(), {});
});

test('what a plugin does after its call was let go changes nothing', async (t) => {
  const lane = open(t);
  const late = lane.submit('hold', { n: 1 }, { timeoutMs: 50 });
  lane.worker().step();
  lane.pass(60);
  lane.worker().notice();
  await lane.exchange();
  const next = lane.submit('hold', { n: 2 });
  lane.worker().step();
  t.equal(next.slot, late.slot, 'the same worker runs another call in the same slot');
  lane.heldCall({ n: 1 }).resolve({ late: true });
  await lane.exchange();
  t.strictSame(next.answers, []);
  lane.heldCall({ n: 2 }).reject(new Error('on purpose'));
  await lane.exchange();
  t.match(next.answers, [{ status: 500, body: { code: 'PLUGIN_FAULT' } }]);
  t.strictSame(lane.leftovers(), {});
});

test('a call claimed after its deadline is not run', async (t) => {
  const lane = open(t);
  const call = lane.submit('echo', { n: 1 }, { timeoutMs: 50 });
  // The clock is past the deadline, but the dispatcher has not looked yet.
  lane.clock.ms += 51;
  t.equal(lane.worker().step(), true);
  await lane.exchange();
  t.equal(lane.started, 0);
  t.match(call.answers, [{ status: 504, body: { code: 'DEADLINE_EXCEEDED' } }]);
  t.strictSame(lane.leftovers(), {});
});

test('deadlines are kept again after the timer has gone to rest', async (t) => {
  const lane = open(t);
  lane.submit('echo', { n: 1 });
  lane.worker().step();
  await lane.exchange();
  lane.pass(5000);
  const call = lane.submit('hold', { n: 2 }, { timeoutMs: 30 });
  lane.pass(40);
  t.strictSame(call.answers, ['DEADLINE_EXCEEDED']);
});

test('a body that finds no block is fetched by the worker, an answer that finds none is sent by message', async (t) => {
  const lane = open(t);
  const big = { text: 'ü'.repeat(3000) };
  const call = lane.submit('echo', big, { identity: { ...NO_IDENTITY, requestId: 'big' } });
  lane.worker().step();
  t.equal(lane.started, 0, 'its bytes are on their way');
  await lane.exchange();
  await lane.exchange();
  t.strictSame(call.answers, [success({ echo: big })]);
  t.strictSame(lane.leftovers(), {});
  t.equal(lane.dispatcher.slabCounts.fallbacks, 1);
});

test('a call that is given up while its bytes are on their way is not run', async (t) => {
  const lane = open(t);
  const call = lane.submit('hold', { text: 'x'.repeat(3000) });
  lane.worker().step();
  lane.cancel(call);
  // The worker is told of the cancellation before the bytes arrive.
  lane.worker().notice();
  await lane.exchange();
  await lane.exchange();
  t.equal(lane.started, 0);
  t.strictSame(lane.leftovers(), {});
});

test('failAll answers everybody, started or not, and then nobody is left', async (t) => {
  const lane = open(t);
  const started = lane.submit('hold', { n: 1 });
  lane.worker().step();
  const waiting = lane.submit('echo', { n: 2 });
  let empty = false;
  const whenEmpty = lane.dispatcher.whenEmpty().then(() => {
    empty = true;
  });
  await lane.exchange();
  t.equal(empty, false);
  lane.dispatcher.failAll('SHUTTING_DOWN');
  await whenEmpty;
  t.strictSame([started.answers, waiting.answers], [['SHUTTING_DOWN'], ['SHUTTING_DOWN']]);
  lane.worker().notice();
  t.match(lane.heldCall({ n: 1 }).ctx.signal.reason, { name: 'AbortError' });
  await lane.exchange();
  t.equal(lane.started, 1);
  t.strictSame(lane.leftovers(), {});
});

test('everybody who asks is told when no call is left, at once if there is none', async (t) => {
  const lane = open(t);
  await lane.dispatcher.whenEmpty();
  lane.submit('echo', { n: 1 });
  const both = Promise.all([lane.dispatcher.whenEmpty(), lane.dispatcher.whenEmpty()]);
  lane.worker().step();
  await lane.exchange();
  await both;
  t.equal(lane.dispatcher.inFlight, 0);
});
