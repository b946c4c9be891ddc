import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { BlockIndex, SeatIndex, SlotIndex, ToolId } from '../../src/core/brand.ts';
import type { SweepResult } from '../../src/dispatch/dispatcher.ts';
import type { Arena } from '../../src/shm/arena.ts';
import { SLOT } from '../../src/shm/layout.ts';
import { EMPTY } from '../../src/shm/ring.ts';
import { NO_BLOCK, seatHolder } from '../../src/shm/slab.ts';
import { forgetSeat } from '../../src/shm/track.ts';
import { SUCCESS } from '../../src/wire/outcome.ts';
import type { LaneToWorker } from '../../src/wire/to-worker.ts';
import { Runner } from '../../workers/runner.ts';
import { ToolCosts } from '../../workers/tool-costs.ts';
import { createWorkerLog } from '../../workers/worker-log.ts';
import type { Lane } from './lane.ts';

/** The answer of a worker that commits and dies. */
export const LAST_WORDS = { status: 200, body: { status: 'success', data: { last: 'words' } } };

/** A worker without its thread and loop: each step is taken by the test. */
export class LaneWorker {
  readonly seat: SeatIndex;
  readonly arena: Arena;
  /** Called whenever a started call has settled. */
  afterSettled: () => void = () => undefined;
  runner: Runner;
  private readonly lane: Lane;
  private channel = new MessageChannel();
  private readonly control = new MessageChannel();
  /** Nothing is learned but by `know`: the lane's time stands still while calls run. */
  private readonly costs = new ToolCosts(2);

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
      meters: this.lane.meters,
      costs: this.costs,
      lanes: [this.channel.port2],
      tools: this.lane.tools,
      idPrefix: 'made-',
      log: createWorkerLog(this.control.port2, 'error'),
      onSettled: () => this.afterSettled(),
    });
  }

  /** From now on it says that calls of a tool keep its thread for so many ms. */
  know(tool: ToolId, ms: number): void {
    // As many calls as the costs want to see before they tell.
    for (let call = 0; call < 4; call++) this.costs.learn(tool, ms);
  }

  /** Takes the next waiting call without starting it. */
  claim(): SlotIndex | undefined {
    const { common, heavy, seats } = this.arena;
    const slot = (seats.isHeavy(this.seat) ? heavy : common).submissions.claim(this.seat);
    return slot === EMPTY ? undefined : slot;
  }

  /** Takes the next waiting call and starts it. False: there is none. */
  step(): boolean {
    const slot = this.claim();
    if (slot !== undefined) this.runner.start(slot, this.lane.clock.now());
    return slot !== undefined;
  }

  /**
   * Commits an answer without announcing it, as a thread does that ends in between. `where`: written to the
   * request's own block, to a new one, or to none, in which case its bytes would have come by message. False:
   * there was no such block either.
   */
  commitUnannounced(slot: SlotIndex, where: 'own' | 'new' | 'none'): boolean {
    const { slots, bytes } = this.arena;
    const { slab } = this.runner;
    const reply = JSON.stringify(LAST_WORDS.body);
    const own = slots.field(slot, SLOT.requestBlock) as BlockIndex;
    const block = where === 'none' ? NO_BLOCK : where === 'own' ? own : slab.take(reply.length);
    slots.setField(slot, SLOT.status, LAST_WORDS.status);
    slots.setField(slot, SLOT.outcome, SUCCESS);
    slots.setField(slot, SLOT.replyBlock, block);
    slots.setField(slot, SLOT.replyLength, reply.length);
    if (block !== NO_BLOCK) bytes.write(reply, slab.offset(block as BlockIndex));
    slots.commit(slot, this.seat);
    return block !== NO_BLOCK;
  }

  /** Sees to the calls nobody waits for any more. */
  notice(): void {
    this.runner.abandonCancelled();
  }

  receive(message: LaneToWorker): void {
    if (typeof message === 'object') this.runner.receive(message);
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
  die(): SweepResult {
    this.readMail();
    const swept = this.lane.dispatcher.sweep(this.seat);
    this.lane.dispatcher.slab.reclaim(seatHolder(this.seat));
    forgetSeat(this.arena, this.seat);
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
