import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { SeatIndex, SlotIndex } from '../../src/core/brand.ts';
import type { Arena } from '../../src/shm/arena.ts';
import { EMPTY } from '../../src/shm/ring.ts';
import { seatHolder } from '../../src/shm/slab.ts';
import type { LaneToWorker } from '../../src/wire/to-worker.ts';
import { Runner } from '../../workers/runner.ts';
import { createWorkerLog } from '../../workers/worker-log.ts';
import type { Lane } from './lane.ts';

/** A worker without its thread and loop: each step is taken by the test. */
export class LaneWorker {
  readonly seat: SeatIndex;
  readonly arena: Arena;
  runner: Runner;
  private readonly lane: Lane;
  private channel = new MessageChannel();
  private readonly control = new MessageChannel();

  constructor(lane: Lane, arena: Arena, seat: number) {
    this.lane = lane;
    this.arena = arena;
    this.seat = seat as SeatIndex;
    this.runner = this.newRunner();
  }

  private newRunner(): Runner {
    return new Runner({
      arena: this.arena,
      seat: this.seat,
      clock: this.lane.clock,
      lanes: [this.channel.port2],
      tools: this.lane.tools,
      idPrefix: 'made-',
      log: createWorkerLog(this.control.port2, 'error'),
      onSettled: () => undefined,
    });
  }

  /** Takes the next waiting call without starting it. */
  claim(): SlotIndex | undefined {
    const slot = this.arena.submissions.claim(this.seat);
    return slot === EMPTY ? undefined : slot;
  }

  /** Takes the next waiting call and starts it. False: there is none. */
  step(): boolean {
    const slot = this.claim();
    if (slot !== undefined) this.runner.start(slot, this.lane.clock.now());
    return slot !== undefined;
  }

  /** Sees to the calls nobody waits for any more. */
  notice(): void {
    this.runner.abandonCancelled();
  }

  receive(message: LaneToWorker): void {
    if (typeof message === 'object') this.runner.receiveBody(message.slot, message.generation, message.bytes);
  }

  /** What this worker has sent arrives at the dispatcher. */
  readMail(): void {
    for (;;) {
      const got = receiveMessageOnPort(this.channel.port1);
      if (got === undefined) return;
      this.lane.dispatcher.receive(this.seat, got.message);
    }
  }

  /** The thread ends here and now; what the supervisor does then; a new thread takes the seat. */
  die(): { readonly delivered: number; readonly failed: number } {
    this.readMail();
    const swept = this.lane.dispatcher.sweep(this.seat);
    this.lane.dispatcher.slab.reclaim(seatHolder(this.seat));
    this.arena.parking.forget(this.seat);
    this.lane.dropMail(this.seat);
    this.channel.port1.close();
    this.channel = new MessageChannel();
    this.arena.seats.reset(this.seat);
    this.runner = this.newRunner();
    return swept;
  }

  close(): void {
    this.channel.port1.close();
    this.control.port1.close();
  }
}
