import { type Test, test } from 'tap';
import { Lane, type LaneCall, type LaneOptions } from '../support/lane.ts';

function open(t: Test, options?: LaneOptions): Lane {
  const lane = new Lane(options);
  t.teardown(() => lane.close());
  return lane;
}

const fill = (lane: Lane, calls: number): LaneCall[] =>
  Array.from({ length: calls }, (_, n) => lane.submit('echo', { n }));

test('past the limit of waiting calls a call is refused, and nothing of it is kept', async (t) => {
  const lane = open(t, { queueLimit: 3 });
  const calls = fill(lane, 3);
  const refused = lane.submit('echo', { n: 'x' });
  t.equal(refused.refusal, 'QUEUE_FULL');
  t.equal(lane.dispatcher.inFlight, 3);
  while (lane.worker().step());
  await lane.exchange();
  t.ok(calls.every(({ answers }) => answers.length === 1));
  t.strictSame(refused.answers, []);
  t.strictSame(lane.leftovers(), {});
});

test('calls that run do not count as waiting', async (t) => {
  const lane = open(t, { queueLimit: 3 });
  for (let n = 0; n < 3; n++) {
    lane.submit('hold', { n });
    lane.worker().step();
  }
  t.strictSame(
    fill(lane, 4).map(({ refusal }) => refusal),
    [undefined, undefined, undefined, 'QUEUE_FULL'],
  );
});

test('there is room again as soon as one call is claimed', async (t) => {
  const lane = open(t, { queueLimit: 2 });
  fill(lane, 2);
  t.equal(lane.submit('echo', {}).refusal, 'QUEUE_FULL');
  lane.worker().step();
  t.equal(lane.submit('echo', {}).refusal, undefined);
});

test('calls whose clients have left make room although no worker has passed them', async (t) => {
  const lane = open(t, { queueLimit: 3 });
  for (const call of fill(lane, 3)) lane.cancel(call);
  t.strictSame(
    fill(lane, 4).map(({ refusal }) => refusal),
    [undefined, undefined, undefined, 'QUEUE_FULL'],
  );
});

test('without a slot a call is refused even below the limit', async (t) => {
  const lane = open(t, { queueLimit: 100 });
  t.equal(fill(lane, 8).filter(({ refusal }) => refusal !== undefined).length, 0);
  t.equal(lane.submit('echo', {}).refusal, 'QUEUE_FULL');
});

test('clients that come and leave while every worker is busy do not use the queue up', async (t) => {
  const lane = open(t);
  const refused = Array.from({ length: 100 }, (_, n) => {
    const call = lane.submit('echo', { n });
    lane.cancel(call);
    return call.refusal;
  }).filter((code) => code !== undefined);
  t.strictSame(refused, []);
  const last = lane.submit('echo', { n: 'last' });
  while (lane.worker().step());
  await lane.exchange();
  t.equal(last.answers.length, 1);
  t.strictSame(lane.leftovers(), {});
});
