/** Producers and consumers on one arena, and the supervisor's part between them. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SeatIndex } from '../../../src/core/brand.ts';
import { type Arena, type ArenaHandle, attachArena, createArena } from '../../../src/shm/arena.ts';
import type { ArenaShape } from '../../../src/shm/layout.ts';
import { frontHolder, seatHolder } from '../../../src/shm/slab.ts';
import { PHASE, phaseOf } from '../../../src/shm/state-word.ts';
import { pluginEnvironment } from '../../../src/wire/plugin-environment.ts';
import {
  type ConsumerData,
  DESK,
  FRONTS,
  type Nature,
  type ProducerData,
  type ProducerReport,
  ring,
} from './desk.ts';

/** Rings as small as they may be for that many slots, so that all is full, empty and wrapped all the time. */
const shapeOf = (slotsPerFront: number): ArenaShape => ({
  fronts: FRONTS,
  slotsPerFront,
  seats: 2,
  submissionCells: 2 * (slotsPerFront + 1),
  completionCells: slotsPerFront + 1,
  // Fewer blocks than slots: some answers take the way without.
  classes: [
    { size: 16, count: slotsPerFront - 1 },
    { size: 64, count: 2 },
  ],
});

export class Crew {
  readonly arena: Arena;
  /** Rejects with the first error of any thread. */
  readonly failed: Promise<never>;
  private readonly handle: ArenaHandle;
  private readonly desk = new SharedArrayBuffer(64);
  private readonly producers: Worker[] = [];
  private readonly consumers: Worker[] = [];
  private dismissing = false;
  private burials: Promise<void> = Promise.resolve();
  private readonly fail: (error: unknown) => void;
  /** Lives begun so far. */
  lives = 0;

  /** `slotsPerFront`: one less than a power of two. */
  constructor(slotsPerFront: number) {
    this.handle = createArena(shapeOf(slotsPerFront), 0);
    this.arena = attachArena(this.handle);
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.fail = reject;
    // Whoever waits for it gets it.
    promise.catch(() => undefined);
  }

  private start(file: string, data: ConsumerData | ProducerData): Worker {
    // Without the test runner's flags, which make each start slower.
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: data,
      execArgv: [],
      env: pluginEnvironment(),
    });
    worker.on('error', this.fail);
    return worker;
  }

  /** Lets the fronts submit no more than they have. */
  stop(): void {
    Atomics.store(new Int32Array(this.desk), DESK.stop, 1);
  }

  /** Resolves when all messages, or all before `stop`, have ended. */
  produce(messages: number, withdrawEvery: number): Promise<ProducerReport[]> {
    const reports = Array.from({ length: FRONTS }, async (_, front) => {
      const { handle, desk } = this;
      const producer = this.start('producer.ts', { handle, desk, front, messages, withdrawEvery });
      this.producers.push(producer);
      return new Promise<ProducerReport>((resolve) => {
        producer.on('message', (message: ProducerReport | 'swept') => {
          if (message !== 'swept') resolve(message);
        });
      });
    });
    return Promise.race([Promise.all(reports), this.failed]);
  }

  consume(seat: SeatIndex, nature: Nature): Worker {
    const { handle, desk } = this;
    const consumer = this.start('consumer.ts', { handle, desk, seat, nature });
    this.consumers[seat] = consumer;
    this.bear(seat);
    return consumer;
  }

  /** Begins a life in the seat, whose thread is new or has said that it is dead. */
  bear(seat: SeatIndex): void {
    if (this.dismissing) this.arena.seats.drain(seat);
    this.consumers[seat]?.postMessage(this.lives++);
  }

  /** What a supervisor does after a thread's exit; then the seat may be used again. One death at a time. */
  bury(seat: SeatIndex): Promise<void> {
    this.burials = this.burials.then(() => this.buryNext(seat));
    return this.burials;
  }

  private async buryNext(seat: SeatIndex): Promise<void> {
    const { common, seats, slots } = this.arena;
    const { parking, submissions } = common;
    await Promise.race([
      Promise.all(this.producers.map((producer, front) => this.sweep(producer, front, seat))),
      this.failed,
    ]);
    this.arena.slab(frontHolder(FRONTS)).reclaim(seatHolder(seat));
    parking.forget(seat);
    submissions.trim((slot) => phaseOf(slots.state(slot)) === PHASE.QUEUED);
    if (!submissions.isEmpty() && !parking.anyAttentive()) parking.wakeOne();
    seats.reset(seat);
  }

  private async sweep(producer: Worker, front: number, seat: SeatIndex): Promise<void> {
    const desk = new Int32Array(this.desk);
    Atomics.store(desk, DESK.sweep(front), seat + 1);
    // The dead may have owed this front a ring, so it is woken in any case.
    ring(desk, front);
    producer.postMessage('sweep');
    for (let message: unknown; message !== 'swept'; ) {
      [message] = await once(producer, 'message');
    }
  }

  /** Lets the consumers finish and go. */
  async dismiss(): Promise<void> {
    const { seats, common } = this.arena;
    // Those who die on their way out are told again in their next life.
    this.dismissing = true;
    const exits = this.consumers.map((consumer) => once(consumer, 'exit'));
    for (const index of this.consumers.keys()) {
      seats.drain(index as SeatIndex);
      common.parking.wake(index as SeatIndex);
    }
    await Promise.race([Promise.all(exits), this.failed]);
  }

  /** Ends every thread, whatever it does. */
  async end(): Promise<void> {
    await Promise.all([...this.producers, ...this.consumers].map(async (worker) => worker.terminate()));
  }
}
