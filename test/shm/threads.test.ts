import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Test, test } from 'tap';
import type { SeatIndex } from '../../src/core/brand.ts';
import { frontHolder } from '../../src/shm/slab.ts';
import { PHASE, phaseOf } from '../../src/shm/state-word.ts';
import { Crew } from './threads/crew.ts';
import { FRONTS, type ProducerReport } from './threads/desk.ts';

const SEATS = [0 as SeatIndex, 1 as SeatIndex];
const WITHDRAW_EVERY = 64;
/** How long threads are terminated, in ms, and how many at most: each start costs what 100 000 messages do. */
const TERMINATING = 3000;
const MOST_LIVES = 100;

function inspect(t: Test, { arena }: Crew, reports: readonly ProducerReport[]): void {
  for (const { submitted, answered, failed, withdrawn, overslept } of reports) {
    t.equal(answered + failed + withdrawn, submitted, 'every message has ended once');
    t.equal(overslept, 0, 'no wake-up and no ring was lost');
    t.comment(`${answered} answered, ${failed} failed with their consumer, ${withdrawn} withdrawn`);
  }
  const { slots } = arena;
  const { submissions } = arena.common;
  submissions.trim((slot) => phaseOf(slots.state(slot)) === PHASE.QUEUED);
  t.equal(submissions.depth(), 0, 'the queue is empty');
  t.equal(arena.slab(frontHolder(FRONTS)).held(), 0, 'every block is free');
}

test('two producers and two consumers lose, double and swap none of two million messages', async (t) => {
  const crew = new Crew(31);
  t.teardown(() => crew.end());
  for (const seat of SEATS) crew.consume(seat, 'steady');
  const reports = await crew.produce(1_000_000, WITHDRAW_EVERY);
  await crew.dismiss();
  inspect(t, crew, reports);
  for (const { submitted, failed } of reports) t.same([submitted, failed], [1_000_000, 0], 'nobody died');
});

test('consumers that stop between any two steps, thousands of times, leave each message one end', async (t) => {
  const crew = new Crew(7);
  t.teardown(() => crew.end());
  for (const seat of SEATS) {
    const consumer = crew.consume(seat, 'mortal');
    consumer.on('message', (message) => {
      if (message === 'dead') void crew.bury(seat).then(() => crew.bear(seat));
    });
  }
  const reports = await crew.produce(15_000, WITHDRAW_EVERY);
  await crew.dismiss();
  inspect(t, crew, reports);
  t.comment(`${crew.lives} lives`);
});

test('consumers whose threads are terminated at any moment leave each message one end', async (t) => {
  const crew = new Crew(7);
  t.teardown(() => crew.end());
  const end = performance.now() + TERMINATING;
  const haunt = async (seat: SeatIndex): Promise<void> => {
    for (;;) {
      const consumer = crew.consume(seat, 'dawdling');
      await once(consumer, 'message');
      await delay(Math.random() * 20);
      if (performance.now() > end || crew.lives > MOST_LIVES) return;
      const exit = once(consumer, 'exit');
      await consumer.terminate();
      await exit;
      await crew.bury(seat);
    }
  };
  const reported = crew.produce(10_000_000, WITHDRAW_EVERY);
  await Promise.race([Promise.all(SEATS.map((seat) => haunt(seat))), crew.failed]);
  crew.stop();
  const reports = await reported;
  await crew.dismiss();
  inspect(t, crew, reports);
  t.ok(crew.lives > SEATS.length, 'at least one was terminated');
  t.comment(`${crew.lives} lives`);
});
