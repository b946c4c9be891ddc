/** Which workers serve the long calls, on a real arena; and a front that sends calls there. */
import { type Test, test } from 'tap';
import type { SeatIndex, SlotIndex, ToolId } from '../../src/core/brand.ts';
import { Partition } from '../../src/dispatch/partition.ts';
import { NO_RULES } from '../../src/dispatch/tool-rules.ts';
import { type Arena, attachArena, createArena } from '../../src/shm/arena.ts';
import { Lane, SMALL } from '../support/lane.ts';

const SEATS = [0, 1, 2] as SeatIndex[];

interface Room {
  readonly arena: Arena;
  readonly partition: Partition;
  /** How many workers serve the heavy track, by what was told. */
  readonly size: () => number;
  readonly alerts: (readonly [SeatIndex, string])[];
  readonly heavy: () => readonly SeatIndex[];
  /** Lets the worker start so many calls. */
  readonly start: (seat: number, calls: number) => void;
}

function room(concurrency = 4): Room {
  const arena = attachArena(createArena({ ...SMALL, seats: SEATS.length }, 0));
  const alerts: (readonly [SeatIndex, string])[] = [];
  let size = 0;
  let next = 0;
  const partition = new Partition({
    arena,
    concurrency,
    alert: (seat, track) => alerts.push([seat, track]),
    onSize: (heavy) => {
      size = heavy;
    },
  });
  partition.setServing(SEATS);
  return {
    arena,
    partition,
    alerts,
    size: () => size,
    heavy: () => SEATS.filter((seat) => arena.seats.isHeavy(seat)),
    start(seat, calls) {
      for (let n = 0; n < calls; n++) {
        const slot = next++ as SlotIndex;
        arena.slots.submit(slot);
        arena.slots.claim(slot, seat as SeatIndex);
      }
    },
  };
}

test('the worker with the fewest started calls serves the long ones', async (t) => {
  const { partition, start, heavy, alerts, size } = room();
  start(0, 1);
  start(2, 2);
  t.equal(partition.ask(1), true);
  t.strictSame(heavy(), [1]);
  t.strictSame(alerts, [[1, 'common']], 'it is woken where it may sleep');
  t.equal(size(), 1);
});

test('as many workers serve them as they keep busy, but never all', async (t) => {
  const { partition, heavy, size } = room();
  t.equal(partition.ask(1.4), true);
  t.strictSame(heavy(), [1, 2]);
  t.equal(partition.ask(7), true);
  t.strictSame(heavy(), [1, 2]);
  t.equal(size(), 2);
  partition.setServing([0 as SeatIndex]);
  t.equal(partition.isClosed, true);
  t.equal(partition.ask(1), false);
});

test('workers go back when long calls have not needed them for two reviews', async (t) => {
  const { partition, heavy, alerts } = room();
  partition.ask(2);
  partition.review(1);
  t.strictSame(heavy(), [1, 2], 'they were needed since the last one');
  partition.review(1);
  t.strictSame(heavy(), [1, 2]);
  partition.review(0);
  t.equal(heavy().length, 1);
  partition.review(0);
  t.equal(heavy().length, 0);
  t.equal(partition.isClosed, true);
  t.strictSame(alerts.at(-1)?.[1], 'heavy');
});

test('a worker that serves no more is replaced on the heavy track', async (t) => {
  const { arena, partition, heavy } = room();
  partition.ask(1);
  t.strictSame(heavy(), [2]);
  arena.seats.reset(2 as SeatIndex);
  partition.setServing([0, 1] as SeatIndex[]);
  t.strictSame(heavy(), [1]);
  t.equal(partition.isHeavy(2 as SeatIndex), false);
});

test('nobody is spared for long calls where the others have no room for the short ones', async (t) => {
  const { partition, start, heavy } = room(2);
  start(0, 2);
  start(1, 2);
  start(2, 1);
  t.equal(partition.ask(1), false);
  t.strictSame(heavy(), []);
});

/** Two workers; `echo` is known to be short, `hold` is another plugin's and known to nobody. */
async function company(t: Test): Promise<Lane> {
  const lane = new Lane({ fairShare: true });
  t.teardown(() => lane.close());
  lane.dispatcher.setRules(1 as ToolId, { ...NO_RULES, plugin: 'other' });
  lane.dispatcher.setServing([0, 1] as SeatIndex[]);
  lane.worker().know(0 as ToolId, 0.01);
  // The second one is known to be short when it comes.
  for (let n = 0; n < 2; n++) {
    lane.submit('echo', {});
    lane.worker().step();
    await lane.exchange();
  }
  return lane;
}

test('a call that may be long waits for its own worker, and others do not see it', async (t) => {
  const lane = await company(t);
  lane.submit('hold', {});
  t.equal(lane.worker().step(), false);
  t.equal(lane.arena.seats.isHeavy(1 as SeatIndex), true);
  t.equal(lane.arena.heavy.submissions.isEmpty(), false);
  const echo = lane.submit('echo', {});
  t.equal(lane.worker().step(), true);
  await lane.exchange();
  t.equal(echo.answers.length, 1);
});

test('what waits for a worker that was lost goes to those that are left, if none comes in its place', async (t) => {
  const lane = await company(t);
  lane.submit('hold', {}, { timeoutMs: 10_000 });
  lane.dispatcher.setServing([0 as SeatIndex]);
  lane.pass(1000);
  t.equal(lane.worker().step(), false, 'the replacement may still come');
  lane.pass(1500);
  t.equal(lane.worker().step(), true);
  t.equal(lane.held.length, 1);
  lane.heldCall({}).resolve({});
  await lane.exchange();
  t.strictSame(lane.leftovers(), {});
});

test('what waits for a worker that was lost goes to its replacement', async (t) => {
  const lane = await company(t);
  lane.submit('hold', {}, { timeoutMs: 10_000 });
  lane.arena.seats.reset(1 as SeatIndex);
  lane.dispatcher.setServing([0 as SeatIndex]);
  lane.pass(500);
  lane.dispatcher.setServing([0, 1] as SeatIndex[]);
  t.equal(lane.arena.seats.isHeavy(1 as SeatIndex), true);
  t.equal(lane.arena.heavy.submissions.isEmpty(), false);
});
