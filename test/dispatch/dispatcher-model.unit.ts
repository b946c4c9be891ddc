/**
 * Random lives of a dispatcher and two workers against a plain model: whatever clients, workers, clock and
 * death do in whatever order, each call gets the one answer the model allows, and nothing stays behind.
 */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { test } from 'tap';
import type { SeatIndex, SlotIndex, ToolId } from '../../src/core/brand.ts';
import { NO_RULES } from '../../src/dispatch/tool-rules.ts';
import { type HeldCall, Lane, type LaneCall, SMALL } from '../support/lane.ts';
import { LAST_WORDS } from '../support/lane-worker.ts';

type Step =
  | { readonly do: 'submit'; readonly tool: 'echo' | 'hold'; readonly pad: number }
  | { readonly do: 'claim' | 'start' | 'notice' | 'die'; readonly seat: number }
  | { readonly do: 'last words'; readonly seat: number; readonly where: 'own' | 'new' | 'none' }
  | { readonly do: 'resolve' | 'reject' | 'cancel'; readonly which: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'serve'; readonly seats: readonly number[] }
  | { readonly do: 'exchange' };

/** What the model knows of one accepted call. */
interface Entry {
  readonly call: LaneCall;
  readonly tool: 'echo' | 'hold';
  readonly parameters: { readonly n: number; readonly pad: string };
  readonly deadline: number;
  /** Where the call is, whether anybody waits or not. */
  stage: 'waiting' | 'claimed' | 'started' | 'over';
  seat: number;
  /** What the plugin did with it. */
  settled: 'resolved' | 'rejected' | undefined;
  cancelled: boolean;
}

const answered = ({ call }: Entry): boolean => call.answers.length > 0;
const awaited = (entry: Entry): boolean => !answered(entry) && !entry.cancelled;

/** `apart`: two plugins with fair shares, one of them known to be short, so that workers change tracks. */
interface ModelOptions {
  readonly apart: boolean;
}

class Model {
  readonly lane: Lane;
  private readonly apart: boolean;
  private readonly timeoutMs: number;
  private serving: readonly number[] = [0, 1];
  private readonly entries: Entry[] = [];
  /** Claimed, not started, by seat. */
  private readonly claims: (SlotIndex | undefined)[] = [undefined, undefined];
  private numbers = 0;

  constructor({ apart }: ModelOptions) {
    this.apart = apart;
    // Long, so that a call which is left behind is not answered by its deadline.
    this.timeoutMs = apart ? 10_000 : 100;
    this.lane = new Lane({ fairShare: apart });
    if (!apart) return;
    this.lane.dispatcher.setRules(1 as ToolId, { ...NO_RULES, plugin: 'other' });
    for (const seat of [0, 1]) this.lane.worker(seat).know(0 as ToolId, 0.01);
    this.serve([0, 1]);
  }

  /** A new thread has the seat of one that has ended. */
  private replace(seat: number): void {
    const before = this.serving;
    this.serve(before.filter((other) => other !== seat));
    this.serve(before);
  }

  private serve(seats: readonly number[]): void {
    this.serving = seats;
    this.lane.dispatcher.setServing(seats as SeatIndex[]);
  }

  async take(step: Step): Promise<void> {
    const { lane } = this;
    switch (step.do) {
      case 'submit':
        this.submit(step.tool, step.pad);
        break;
      case 'cancel':
        this.cancel(step.which);
        break;
      case 'claim':
        this.claim(step.seat);
        break;
      case 'start':
        this.start(step.seat);
        break;
      case 'resolve':
      case 'reject':
        await this.settle(step.which, step.do);
        break;
      case 'notice':
        this.notice(step.seat);
        break;
      case 'pass':
        lane.pass(step.ms);
        for (const entry of this.entries) {
          if (entry.deadline <= lane.clock.ms && entry.stage === 'waiting') entry.stage = 'over';
          must(!awaited(entry) || entry.deadline > lane.clock.ms, 'a deadline passed in silence');
        }
        break;
      case 'exchange':
        await this.exchange();
        break;
      case 'die':
        this.die(step.seat);
        break;
      case 'serve':
        this.serve(step.seats);
        break;
      case 'last words':
        this.lastWords(step.seat, step.where);
        break;
      default:
        step satisfies never;
    }
    for (const entry of this.entries) this.check(entry);
  }

  private submit(tool: 'echo' | 'hold', pad: number): void {
    const parameters = { n: ++this.numbers, pad: 'x'.repeat(pad) };
    const call = this.lane.submit(tool, parameters, { timeoutMs: this.timeoutMs });
    if (call.refusal !== undefined) {
      must(
        this.entries.some((entry) => entry.stage !== 'over'),
        'refused although nothing is under way',
      );
      return;
    }
    const deadline = this.lane.clock.ms + this.timeoutMs;
    this.entries.push({
      call,
      tool,
      parameters,
      deadline,
      stage: 'waiting',
      seat: -1,
      settled: undefined,
      cancelled: false,
    });
  }

  private cancel(which: number): void {
    // Mostly a late one: those are the ones that are under way.
    const entry = this.entries.at(-1 - (which % 6));
    if (entry === undefined) return;
    this.lane.cancel(entry.call);
    if (!awaited(entry)) return;
    entry.cancelled = true;
    if (entry.stage === 'waiting') entry.stage = 'over';
  }

  /** The call a worker has been given. It must be one that waits. */
  private claim(seat: number): Entry | undefined {
    // A worker that has gone, or is about to, claims nothing.
    if (this.claims[seat] !== undefined || !this.serving.includes(seat)) return undefined;
    const slot = this.lane.worker(seat).claim();
    if (slot === undefined) {
      // Where shares are fair, calls wait in lines as well, or for the other worker.
      must(
        this.apart || !this.entries.some(({ stage }) => stage === 'waiting'),
        'a waiting call was not found',
      );
      return undefined;
    }
    const entry = this.entries.findLast(({ call }) => call.slot === slot);
    if (entry === undefined) throw new Error('a slot was claimed that no call has');
    must(entry.stage === 'waiting', `a call was claimed that is ${entry.stage}`);
    Object.assign(entry, { stage: 'claimed', seat });
    this.claims[seat] = slot;
    return entry;
  }

  private start(seat: number): void {
    this.claim(seat);
    const slot = this.claims[seat];
    if (slot === undefined) return;
    this.claims[seat] = undefined;
    const entry = this.entries.findLast(({ call }) => call.slot === slot);
    this.lane.worker(seat).runner.start(slot, this.lane.clock.now());
    if (entry !== undefined) entry.stage = 'started';
  }

  private heldCall({ parameters }: Entry): HeldCall | undefined {
    return this.lane.held.find(({ input }) => isDeepStrictEqual(input, parameters));
  }

  /** A plugin settles its call, in time or long after. A dead thread's code does not run. */
  private async settle(which: number, how: 'resolve' | 'reject'): Promise<void> {
    const running = this.entries.filter(
      (entry) => entry.settled === undefined && this.heldCall(entry) !== undefined,
    );
    const entry = running[which % running.length];
    if (entry === undefined) return;
    const held = this.heldCall(entry);
    entry.settled = how === 'resolve' ? 'resolved' : 'rejected';
    if (how === 'resolve') held?.resolve({ echo: entry.parameters });
    else held?.reject(new Error('on purpose'));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  private notice(seat: number): void {
    this.lane.worker(seat).notice();
    for (const entry of this.entries) {
      if (entry.seat !== seat || entry.stage !== 'started' || awaited(entry) || entry.settled) continue;
      const held = this.heldCall(entry);
      if (held === undefined) continue;
      must(held.ctx.signal.aborted, 'nobody waits for a call and its signal is quiet');
    }
  }

  private async exchange(): Promise<void> {
    await this.lane.exchange();
    for (const entry of this.entries) {
      const held = this.heldCall(entry);
      const done = entry.settled !== undefined || (entry.tool === 'echo' && entry.stage === 'started');
      must(!done || !awaited(entry), 'a finished call has no answer');
      const letGo = held === undefined ? !awaited(entry) : held.ctx.signal.aborted;
      if (entry.stage === 'started' && (done || letGo)) entry.stage = 'over';
    }
  }

  private die(seat: number): void {
    this.claims[seat] = undefined;
    this.lane.worker(seat).die();
    if (this.apart) this.replace(seat);
    for (const entry of this.entries) {
      if (entry.seat !== seat || entry.stage === 'over' || entry.stage === 'waiting') continue;
      must(!awaited(entry), 'a worker died and its call has no answer');
      entry.stage = 'over';
      entry.settled ??= 'rejected';
    }
  }

  private lastWords(seat: number, where: 'own' | 'new' | 'none'): void {
    const entry = this.claim(seat);
    const slot = this.claims[seat];
    if (entry === undefined || slot === undefined) return;
    const expects = awaited(entry);
    const kept = this.lane.worker(seat).commitUnannounced(slot, where);
    this.die(seat);
    const words = kept ? LAST_WORDS : 'WORKER_DIED';
    must(!expects || isDeepStrictEqual(entry.call.answers, [words]), 'last words were lost');
  }

  /** At most one answer, and one that this call may get. */
  private check(entry: Entry): void {
    const { call, cancelled, parameters, deadline, tool, settled } = entry;
    must(call.answers.length <= 1, 'two answers');
    const [answer] = call.answers;
    if (answer === undefined) return;
    must(!cancelled, 'an answer for a client that had left');
    if (answer === 'DEADLINE_EXCEEDED') must(deadline <= this.lane.clock.ms, '504 before the deadline');
    else if (answer === 'WORKER_DIED') must(entry.seat >= 0, '502 for a call no worker had');
    else if (typeof answer === 'string') throw new Error(`an answer nobody gave: ${answer}`);
    else if (answer.status === 500) must(settled === 'rejected', '500 for a call that did not fail');
    else if (!isDeepStrictEqual(answer, LAST_WORDS)) {
      const data = { echo: parameters };
      must(isDeepStrictEqual(answer, { status: 200, body: { status: 'success', data } }), 'a foreign answer');
      must(tool === 'echo' || settled === 'resolved', 'an answer before the plugin gave one');
    }
  }

  /** Lets everything come to its end, and looks for what is left. */
  async finish(): Promise<void> {
    if (this.apart) this.serve([0, 1]);
    for (let round = 0; round < 20 && this.entries.some(({ stage }) => stage !== 'over'); round++) {
      for (const seat of [0, 1]) {
        await this.take({ do: 'start', seat });
        await this.take({ do: 'notice', seat });
      }
      await this.take({ do: 'exchange' });
      await this.take({ do: 'resolve', which: 0 });
      await this.take({ do: 'exchange' });
      // Some calls may wait on a track until it is looked at who serves it.
      if (this.apart) await this.take({ do: 'pass', ms: 10 });
    }
    must(!this.entries.some(awaited), 'a call was never answered');
    must(isDeepStrictEqual(this.lane.leftovers(), {}), `left over: ${JSON.stringify(this.lane.leftovers())}`);
    // Passes the entries of withdrawn calls, which take up room until a worker looks.
    for (const seat of [0, 1]) {
      must(this.lane.worker(seat).claim() === undefined, 'a call waits that nobody knows of');
    }
    if (this.apart) return;
    const refilled = Array.from({ length: SMALL.slotsPerFront }, () => this.lane.submit('echo', {}).refusal);
    must(
      refilled.every((refusal) => refusal === undefined),
      'slots were lost',
    );
  }
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

const seat = fc.constantFrom(0, 1);
const which = fc.nat(30);
const submit: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('submit'),
  tool: fc.constantFrom('echo', 'hold'),
  // A small block, a medium one, none.
  pad: fc.constantFrom(0, 0, 0, 300, 2000),
});
const work: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('start', 'start', 'notice', 'claim'),
  seat,
});
const end: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('resolve', 'reject', 'cancel'),
  which,
});
const die: fc.Arbitrary<Step> = fc.record({ do: fc.constant('die'), seat });
const lastWords: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('last words'),
  seat,
  where: fc.constantFrom('own', 'new', 'none'),
});
const pass: fc.Arbitrary<Step> = fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(10, 50, 120) });
const exchange: fc.Arbitrary<Step> = fc.record({ do: fc.constant('exchange') });
const serve: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('serve'),
  seats: fc.constantFrom([0], [1], [0, 1], [0, 1], []),
});
const step = fc.oneof(
  { weight: 12, arbitrary: submit },
  { weight: 12, arbitrary: work },
  { weight: 8, arbitrary: end },
  { weight: 6, arbitrary: exchange },
  { weight: 2, arbitrary: pass },
  { weight: 1, arbitrary: die },
  { weight: 1, arbitrary: lastWords },
);

/** Takes many random lives of such steps, each to its end. */
async function live(steps: fc.Arbitrary<Step>, options: ModelOptions): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 80, size: 'max' }), async (life) => {
      const model = new Model(options);
      try {
        for (const next of life) await model.take(next);
        await model.finish();
      } finally {
        model.lane.close();
      }
    }),
    { numRuns: 300 },
  );
}

test('whatever happens in whatever order, each call gets its one answer and nothing is left behind', async () => {
  await live(step, { apart: false });
});

test('so it is while workers come and go and change tracks', async () => {
  // So long that a worker which is missing is not waited for any more.
  const wait: fc.Arbitrary<Step> = fc.record({ do: fc.constant('pass'), ms: fc.constant(2200) });
  const change = fc.oneof(
    { weight: 40, arbitrary: step },
    { weight: 3, arbitrary: serve },
    { weight: 2, arbitrary: wait },
  );
  await live(change, { apart: true });
});
