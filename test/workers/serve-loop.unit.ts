/**
 * The loop of one worker in this thread, beside a seat that only sleeps. As long as a call is in flight the loop
 * parks in the event loop and never blocks the thread, which is the test's own.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type Test, test } from 'tap';
import type { SeatIndex } from '../../src/core/brand.ts';
import { Clock } from '../../src/core/clock.ts';
import { PARKED } from '../../src/shm/parking.ts';
import { ServeLoop } from '../../workers/serve-loop.ts';
import { ToolCosts } from '../../workers/tool-costs.ts';
import { Lane } from '../support/lane.ts';

const SLEEPER = 1 as SeatIndex;

/** Some turns of the event loop: after them the serve loop has come to rest, which takes it two. */
async function turns(): Promise<void> {
  for (let n = 0; n < 10; n++) await turn();
}

/** Goes on from where the lane's clock stands: a loop without calls in flight looks around until time has passed. */
class GoingClock extends Clock {
  private readonly since: number;

  constructor(since: number) {
    super(0);
    this.since = since - performance.now();
  }

  override now(): number {
    return this.since + performance.now();
  }
}

interface Bench {
  readonly lane: Lane;
  readonly loop: ServeLoop;
  /** What the thread's niceness was set to. */
  readonly niceness: readonly boolean[];
  /** Runs the loop until it is drained and its calls have settled. */
  readonly finish: () => Promise<void>;
}

/** A loop with calls of `hold` already waiting; the other seat is parked in its event loop. */
function start(
  t: Test,
  { concurrency, waiting }: { readonly concurrency: number; readonly waiting: number },
): Bench {
  const lane = new Lane();
  const worker = lane.worker();
  const { arena, seat, runner } = worker;
  arena.common.parking.park(SLEEPER, PARKED.looping);
  // As if the loop had been looking all the time: nobody is woken for these.
  arena.common.parking.attend(seat);
  for (let n = 0; n < waiting; n++) lane.submit('hold', { n });
  t.strictSame(lane.bells, []);
  const costs = new ToolCosts(2);
  // Quick tools, so that no call counts as long.
  for (const tool of [0, 1] as const) costs.learn(tool as Parameters<ToolCosts['learn']>[0], 0);
  const niceness: boolean[] = [];
  const loop = new ServeLoop({
    arena,
    seat,
    runner,
    costs,
    concurrency,
    stalls: { stallMs: Number.POSITIVE_INFINITY, ran: () => undefined, spent: () => undefined },
    niceness: { set: (nice) => niceness.push(nice) },
    clock: new GoingClock(lane.clock.now()),
    meters: lane.meters,
  });
  worker.afterSettled = () => loop.afterSettled();
  const over = loop.run();
  return {
    lane,
    loop,
    niceness,
    async finish() {
      arena.seats.drain(seat);
      for (const { resolve } of lane.held) resolve({});
      await turns();
      loop.wake();
      await over;
      lane.close();
    },
  };
}

test('a worker that is full asks for another one when calls wait and one sleeps', async (t) => {
  const { lane, finish } = start(t, { concurrency: 2, waiting: 4 });
  await turns();
  t.equal(lane.held.length, 2, 'it has started what it may');
  lane.worker().readMail();
  t.strictSame(lane.bells, [SLEEPER]);
  await finish();
});

test('a worker that has taken everything wakes nobody', async (t) => {
  const { lane, finish } = start(t, { concurrency: 4, waiting: 4 });
  await turns();
  t.equal(lane.held.length, 4);
  lane.worker().readMail();
  t.strictSame(lane.bells, []);
  await finish();
});

test('a worker starts no call beyond its concurrency, and the next one when there is room', async (t) => {
  const { lane, finish } = start(t, { concurrency: 2, waiting: 5 });
  await turns();
  t.equal(lane.held.length, 2);
  lane.heldCall({ n: 0 }).resolve({});
  await turns();
  t.equal(lane.held.length, 3);
  await finish();
});

test('a worker that drains starts nothing more, finishes what it has, and ends', async (t) => {
  const { lane, finish } = start(t, { concurrency: 2, waiting: 4 });
  await turns();
  await finish();
  t.equal(lane.held.length, 2);
});

test('a worker that is put on the heavy track first finishes what it has started', async (t) => {
  const { lane, loop, niceness, finish } = start(t, { concurrency: 4, waiting: 2 });
  await turns();
  const { arena, seat } = lane.worker();
  arena.seats.assign(seat, 'heavy');
  loop.wake();
  await turns();
  lane.submit('hold', { n: 'common' });
  lane.heldCall({ n: 0 }).resolve({});
  await turns();
  t.equal(lane.held.length, 2, 'it starts nothing meanwhile');
  t.strictSame(niceness, []);
  lane.heldCall({ n: 1 }).resolve({});
  await turns();
  t.strictSame(niceness, [true]);
  await finish();
});

test('a worker that was wanted on the heavy track for a moment goes on where it was', async (t) => {
  const { lane, loop, finish } = start(t, { concurrency: 4, waiting: 1 });
  await turns();
  const { arena, seat } = lane.worker();
  arena.seats.assign(seat, 'heavy');
  loop.wake();
  await turns();
  arena.seats.assign(seat, 'common');
  lane.submit('hold', { n: 'common' });
  loop.wake();
  await turns();
  t.equal(lane.held.length, 2);
  await finish();
});

test('a worker that drains on its way to the heavy track ends', async (t) => {
  const { lane, loop, finish } = start(t, { concurrency: 4, waiting: 1 });
  await turns();
  const { arena, seat } = lane.worker();
  arena.seats.assign(seat, 'heavy');
  loop.wake();
  await turns();
  await finish();
  t.equal(lane.held.length, 1);
});

test('a worker that is put on the other track serves that one alone, and stands back there', async (t) => {
  const { lane, loop, niceness, finish } = start(t, { concurrency: 4, waiting: 1 });
  await turns();
  const { arena, seat } = lane.worker();
  arena.seats.assign(seat, 'heavy');
  loop.wake();
  // The call that is held does not end, and is not waited for long.
  while (niceness.length === 0) await turn();
  lane.submit('hold', { n: 'common' });
  await turns();
  t.equal(lane.held.length, 1, 'not this one');
  t.strictSame(niceness, [true]);
  arena.seats.assign(seat, 'common');
  loop.wake();
  await turns();
  t.equal(lane.held.length, 2);
  t.strictSame(niceness, [true, false]);
  await finish();
});
