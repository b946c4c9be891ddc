import * as fc from 'fast-check';
import { type Test, test } from 'tap';
import type { SlotIndex, ToolId } from '../../src/core/brand.ts';
import { Clock } from '../../src/core/clock.ts';
import { Admission, type QueuedCalls } from '../../src/dispatch/admission.ts';
import { NO_RULES, type ToolRules } from '../../src/dispatch/tool-rules.ts';

const WORKERS = 2;
const PLACES = WORKERS * 32;
const QUEUE = 100;
const SLOTS = 400;

const FLOOD = 0 as ToolId;
const NEIGHBOUR = 1 as ToolId;
const THIRD = 2 as ToolId;
const TOOLS = [FLOOD, NEIGHBOUR, THIRD] as const;

interface HouseOptions {
  readonly fairShare?: boolean;
  /** Of the plugin that floods. */
  readonly rules?: Partial<ToolRules>;
}

/** A submission queue with so many calls, of which at most `atMost` can be there. */
const queue = (calls: number, atMost = calls): QueuedCalls => ({ atMost, count: () => calls });

/** The rules alone: the test says when calls come and when they end. */
class House {
  readonly admission: Admission;
  now = 10_000;
  private readonly free = Array.from({ length: SLOTS }, (_, slot) => slot as SlotIndex);
  private readonly toolOf = new Map<SlotIndex, ToolId>();
  /** With the workers, in the order in which they got there. */
  readonly started: SlotIndex[] = [];

  constructor(t: Test | undefined, { fairShare = true, rules = {} }: HouseOptions = {}) {
    this.admission = new Admission(
      {
        workers: WORKERS,
        concurrency: 32,
        queueLimit: QUEUE,
        fairShare,
        circuit: { failurePercent: 50, windowMs: 10_000, minCalls: 20, pauseMs: 10_000 },
        onCircuit: () => undefined,
        clock: new Clock(performance.timeOrigin),
      },
      0,
      SLOTS,
    );
    t?.teardown(() => this.admission.close());
    this.admission.setRules(FLOOD, { ...NO_RULES, plugin: 'flood', ...rules });
    this.admission.setRules(NEIGHBOUR, { ...NO_RULES, plugin: 'neighbour' });
    this.admission.setRules(THIRD, { ...NO_RULES, plugin: 'third' });
  }

  /** What a call costs a thread and how long it takes, in ms; from as many calls as tell for sure. */
  know(tool: ToolId, cost: number, run = cost): void {
    for (let calls = 0; calls < 8; calls++) this.admission.bulkheads.load(tool).learn(cost, run);
  }

  /** How long each call is with the workers, and how long after the one before it leaves, in ms; as often as tells. */
  knowResidence(tool: ToolId, ms: number, pace = ms): void {
    const load = this.admission.bulkheads.load(tool);
    while (load.pace === undefined) load.learnResidence(ms, pace);
  }

  /** One call comes: 'start', 'wait', or the code of its refusal. */
  call(tool: ToolId, budgetMs = 0): string {
    const refused = this.admission.judge(tool, budgetMs, queue(0), this.now);
    if (refused !== undefined) return refused.code;
    const slot = this.free.pop();
    if (slot === undefined) throw new Error('no slot is left');
    this.toolOf.set(slot, tool);
    const verdict = this.admission.take(slot, tool, this.now);
    if (verdict === 'start') this.started.push(slot);
    return verdict;
  }

  /** How many of so many calls started, waited, or were refused with which code. */
  calls(tool: ToolId, count: number, budgetMs = 0): Record<string, number> {
    const verdicts: Record<string, number> = {};
    for (let n = 0; n < count; n++) {
      const verdict = this.call(tool, budgetMs);
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    }
    return verdicts;
  }

  /** The call that has been with the workers longest ends; those that wait follow. */
  end(tool?: ToolId): void {
    const at = this.started.findIndex((slot) => tool === undefined || this.toolOf.get(slot) === tool);
    const [slot] = this.started.splice(at, 1);
    if (at === -1 || slot === undefined) throw new Error('no such call is with the workers');
    this.admission.bulkheads.leave(slot, this.now);
    this.free.push(slot);
    this.letIn();
  }

  letIn(): void {
    const { bulkheads } = this.admission;
    for (let slot = bulkheads.next(this.now); slot !== undefined; slot = bulkheads.next(this.now)) {
      this.started.push(slot);
    }
  }

  /** Time passes in which nobody calls. */
  pass(ms: number): void {
    this.now += ms;
    this.admission.bulkheads.forget(this.now);
    this.letIn();
  }

  /** Calls of a tool that go to workers of their own. */
  keptApart(tool: ToolId): number {
    const { heavy } = this.admission.bulkheads;
    return this.started.filter((slot) => this.toolOf.get(slot) === tool && heavy.has(slot)).length;
  }

  startedOf(tool: ToolId): number {
    return this.started.filter((slot) => this.toolOf.get(slot) === tool).length;
  }
}

test('a plugin on its own has every worker, and a little work ahead', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 100);
  t.strictSame(house.calls(FLOOD, 10), { start: WORKERS + 1, wait: 10 - WORKERS - 1 });
});

test('a plugin on its own has every place where its calls mostly wait', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 0.05, 1000);
  t.strictSame(house.calls(FLOOD, PLACES + 10), { start: PLACES + 1, wait: 9 });
});

test('short calls of a plugin on its own all go to the submission queue', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 0.01);
  t.strictSame(house.calls(FLOOD, QUEUE), { start: QUEUE });
});

test('in company the long calls of one plugin leave a worker free', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 100);
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  t.strictSame(house.calls(FLOOD, 10), { start: WORKERS - 1, wait: 10 - WORKERS + 1 });
  t.equal(house.call(NEIGHBOUR), 'start');
});

test('long calls of two plugins together leave a worker free while short ones come in', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 100);
  house.know(THIRD, 100);
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  house.calls(FLOOD, 5);
  t.strictSame(house.calls(THIRD, 5), { wait: 5 });
  house.end(NEIGHBOUR);
  house.end(FLOOD);
  t.equal(house.startedOf(FLOOD) + house.startedOf(THIRD), WORKERS - 1);
});

test('long calls go to workers of their own while short ones of another plugin come in', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 5);
  house.know(NEIGHBOUR, 0.01, 5);
  house.call(FLOOD);
  t.equal(house.keptApart(FLOOD), 0, 'not while it is alone');
  house.end();
  house.call(NEIGHBOUR);
  house.call(FLOOD);
  t.equal(house.keptApart(FLOOD), 1);
  t.equal(house.keptApart(NEIGHBOUR), 0);
  t.equal(house.admission.bulkheads.threadsOfHeavy(), 1);
  house.end(FLOOD);
  t.equal(house.admission.bulkheads.threadsOfHeavy(), 0);
});

test('nobody is kept apart where nothing short comes in, or only one worker serves', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 5);
  house.know(THIRD, 5);
  house.call(THIRD);
  house.call(FLOOD);
  t.equal(house.keptApart(FLOOD), 0);
  house.end();
  house.end();
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  house.admission.bulkheads.setServing(1, house.now);
  house.call(FLOOD);
  t.equal(house.keptApart(FLOOD), 0);
});

test('a long call that may take the last free worker goes where that one is', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 100);
  house.know(THIRD, 5);
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  house.call(FLOOD);
  t.equal(house.call(THIRD), 'start');
  t.equal(house.keptApart(THIRD), 0);
});

test('a tool that is known to be short by now keeps no worker busy any more', async (t) => {
  const house = new House(t);
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  house.call(FLOOD);
  t.equal(house.admission.bulkheads.threadsOfHeavy(), 1, 'nobody knows it');
  house.admission.bulkheads.load(FLOOD).sawWaiting(20);
  t.equal(house.admission.bulkheads.threadsOfHeavy(), 0);
});

test('a call that waits for something keeps no thread busy, whatever was thought of it when it came', async (t) => {
  const house = new House(t);
  house.know(NEIGHBOUR, 0.01);
  house.know(THIRD, 100);
  house.call(NEIGHBOUR);
  t.equal(house.call(FLOOD), 'start', 'nobody knows it');
  t.equal(house.call(THIRD), 'wait');
  house.admission.bulkheads.load(FLOOD).sawWaiting(20);
  house.letIn();
  t.equal(house.startedOf(THIRD), 1);
});

test('a long call in a worker that serves no more keeps back nobody', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 100);
  house.know(THIRD, 100);
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  house.call(FLOOD);
  t.equal(house.call(THIRD), 'wait');
  for (const slot of house.started) house.admission.bulkheads.excuse(slot);
  house.letIn();
  t.equal(house.startedOf(THIRD), 1);
  house.end(FLOOD);
  house.end(THIRD);
  t.equal(house.call(FLOOD), 'start', 'nothing is counted twice');
});

test('the workers that long calls have are no places for short ones', async (t) => {
  const house = new House(t);
  house.know(NEIGHBOUR, 0.01, 1000);
  house.know(THIRD, 0.01, 1000);
  house.call(THIRD);
  house.admission.bulkheads.setKeptApart(1);
  t.ok((house.calls(NEIGHBOUR, PLACES)['start'] ?? 0) < PLACES / 2);
});

test('two plugins of long calls share the workers when nothing short comes in', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 100);
  house.know(THIRD, 100);
  house.calls(FLOOD, 5);
  house.calls(THIRD, 5);
  while (house.startedOf(FLOOD) > 1) house.end(FLOOD);
  t.equal(house.startedOf(FLOOD), 1);
  t.equal(house.startedOf(THIRD), 1);
});

test('while a worker is missing, very long calls leave the other one free, for as long as a replacement may take', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 100);
  house.know(THIRD, 5);
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  house.admission.bulkheads.setServing(1, house.now);
  t.equal(house.call(FLOOD), 'wait');
  t.equal(house.call(THIRD), 'start', 'those that are done within moments need not wait');
  house.end(THIRD);
  house.admission.bulkheads.setServing(2, house.now);
  house.letIn();
  t.equal(house.startedOf(FLOOD), 1);
  house.end(FLOOD);
  house.admission.bulkheads.setServing(1, house.now);
  t.equal(house.call(FLOOD), 'wait');
  for (let passed = 0; passed < 2100; passed += 300) {
    house.pass(300);
    house.call(NEIGHBOUR);
  }
  t.equal(house.startedOf(FLOOD), 1, 'it does not come');
});

test('company that has not called for a second is none', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 100);
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  house.end(NEIGHBOUR);
  house.calls(FLOOD, 10);
  t.equal(house.startedOf(FLOOD), 1);
  house.pass(1001);
  t.equal(house.startedOf(FLOOD), WORKERS + 1);
});

test('in company the last quarter of the places is for plugins with less than their part', async (t) => {
  const house = new House(t);
  for (const tool of TOOLS) house.know(tool, 0.05, 1000);
  house.call(NEIGHBOUR);
  house.calls(FLOOD, 90);
  t.equal(house.started.length, (PLACES * 3) / 4);
  t.strictSame(house.calls(NEIGHBOUR, 15), { start: 15 });
});

test('a tool nobody knows yet is taken for one that holds its thread', async (t) => {
  const house = new House(t);
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  t.strictSame(house.calls(FLOOD, 5), { start: 1, wait: 4 });
  house.admission.bulkheads.load(FLOOD).sawWaiting(10);
  house.letIn();
  t.equal(house.startedOf(FLOOD), 5, 'until it is seen to have given its thread back');
});

test('a tool that was quick and hangs now is known for it before its call ends', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 0.01);
  house.know(NEIGHBOUR, 0.01);
  house.call(NEIGHBOUR);
  house.call(FLOOD);
  house.admission.bulkheads.load(FLOOD).sawBusy(20);
  t.strictSame(house.calls(FLOOD, 3), { wait: 3 });
});

test('a quick tool whose call was held up for a moment is quick again when that is over', async (t) => {
  for (const [ms, ends, verdict] of [
    [200, true, 'start'],
    [200, false, 'wait'],
    [300, true, 'wait'],
  ] as const) {
    const house = new House(t);
    house.know(FLOOD, 0.01);
    house.know(NEIGHBOUR, 0.01);
    house.call(NEIGHBOUR);
    house.call(FLOOD);
    const load = house.admission.bulkheads.load(FLOOD);
    load.sawBusy(ms);
    if (ends) load.learn(0.01, ms);
    load.sawFree();
    t.equal(house.call(FLOOD), verdict, `${ms} ms, ${ends ? 'then answered' : 'then its worker was lost'}`);
  }
});

test('in company the last quarter of the waiting room is for plugins with less than their part', async (t) => {
  const house = new House(t);
  for (const tool of TOOLS) house.know(tool, 100);
  house.calls(NEIGHBOUR, 1);
  t.strictSame(house.calls(FLOOD, QUEUE), { start: 1, wait: (QUEUE * 3) / 4, PLUGIN_BUSY: QUEUE / 4 - 1 });
  t.strictSame(house.calls(NEIGHBOUR, 30), { wait: 25, QUEUE_FULL: 5 });
});

test('lines take turns', async (t) => {
  const house = new House(t);
  for (const tool of TOOLS) house.know(tool, 100);
  house.calls(FLOOD, 20);
  house.calls(NEIGHBOUR, 3);
  house.calls(THIRD, 3);
  const seen = new Set<ToolId>();
  for (let n = 0; n < 8; n++) {
    house.end();
    for (const tool of TOOLS) if (house.startedOf(tool) > 0) seen.add(tool);
  }
  t.strictSame([...seen].toSorted(), [...TOOLS]);
});

test('with fair share off every call goes to the submission queue, in company too', async (t) => {
  const house = new House(t, { fairShare: false });
  house.know(FLOOD, 100);
  house.call(NEIGHBOUR);
  t.strictSame(house.calls(FLOOD, 50), { start: 50 });
});

test('limits that were set for a plugin hold whatever else does', async (t) => {
  for (const fairShare of [true, false]) {
    const house = new House(t, { fairShare, rules: { maxInFlight: 3, maxWaiting: 2 } });
    house.know(FLOOD, 0.01);
    t.strictSame(house.calls(FLOOD, 7), { start: 3, wait: 2, PLUGIN_BUSY: 2 });
  }
});

test('a call is refused when it would wait longer than half its budget', async (t) => {
  const house = new House(t, { rules: { maxInFlight: 2 } });
  house.know(FLOOD, 10);
  house.knowResidence(FLOOD, 10);
  // Two leave every 10 ms: behind ten others a call starts after 50.
  t.strictSame(house.calls(FLOOD, 20, 100), { start: 2, wait: 11, OVERLOADED: 7 });
  const refused = house.admission.judge(FLOOD, 100, queue(0), house.now);
  t.equal(refused?.retryAfter, 1, 'in seconds, at least one');
});

test('a call is judged by the calls that are queued, not by those that could be', async (t) => {
  const house = new House(t);
  t.equal(house.admission.judge(NEIGHBOUR, 0, queue(QUEUE - 1, 10 * QUEUE), house.now), undefined);
  t.equal(house.admission.judge(NEIGHBOUR, 0, queue(QUEUE, 10 * QUEUE), house.now)?.code, 'QUEUE_FULL');
  const alone = new House(t);
  alone.know(FLOOD, 10);
  alone.knowResidence(FLOOD, 10);
  t.strictSame(alone.calls(FLOOD, 3), { start: 3 });
  t.equal(alone.admission.judge(FLOOD, 10, queue(0, QUEUE - 1), alone.now), undefined);
  t.equal(alone.admission.judge(FLOOD, 10, queue(2, QUEUE - 1), alone.now)?.code, 'OVERLOADED');
});

test('nobody is refused for the first calls of a tool, which are slow, unless they are very slow', async (t) => {
  for (const [ms, calls, answer] of [
    [30, 16, 'wait'],
    [30, 17, 'OVERLOADED'],
    [125, 3, 'wait'],
    [125, 4, 'OVERLOADED'],
    [500, 1, 'OVERLOADED'],
  ] as const) {
    const house = new House(t, { rules: { maxInFlight: 1 } });
    const load = house.admission.bulkheads.load(FLOOD);
    for (let call = 0; call < calls; call++) {
      load.learn(ms, ms);
      load.learnResidence(ms, ms);
    }
    house.calls(FLOOD, 20);
    t.equal(house.call(FLOOD, 100), answer, `${calls} of ${ms} ms`);
  }
});

test('calls that find a worker free are not refused, however long each of them takes', async (t) => {
  const house = new House(t);
  house.know(FLOOD, 0.05, 5000);
  house.knowResidence(FLOOD, 5000);
  for (let queued = 0; queued < PLACES; queued++) {
    t.equal(house.admission.judge(FLOOD, 1000, queue(queued), house.now), undefined);
    house.call(FLOOD);
  }
  t.equal(house.started.length, PLACES);
});

test('nobody is refused for a stop of the machine, after which many calls have taken long and few are let in', async (t) => {
  const house = new House(t, { rules: { maxInFlight: 2 } });
  house.know(FLOOD, 0.05);
  const load = house.admission.bulkheads.load(FLOOD);
  house.knowResidence(FLOOD, 1, 0.05);
  load.learnResidence(240, 240);
  for (let call = 0; call < 30; call++) load.learnResidence(240, 0);
  t.ok(load.residence > 200);
  t.strictSame(house.calls(FLOOD, 42, 1000), { start: 2, wait: 40 });
});

test('when nothing leaves any more, the wait to be expected grows with the time', async (t) => {
  const house = new House(t, { rules: { maxInFlight: 2 } });
  house.know(FLOOD, 10);
  house.knowResidence(FLOOD, 10);
  house.calls(FLOOD, 4, 1000);
  house.now += 700;
  t.equal(house.call(FLOOD, 1000), 'OVERLOADED');
  house.end();
  house.end();
  t.equal(house.call(FLOOD, 1000), 'wait', 'and shrinks when it goes on');
});

test('a budget of 0 refuses nobody for what the wait would be', async (t) => {
  const house = new House(t, { rules: { maxInFlight: 1 } });
  house.know(FLOOD, 1000);
  house.knowResidence(FLOOD, 1000);
  t.strictSame(house.calls(FLOOD, QUEUE + 2, 0), { start: 1, wait: QUEUE, QUEUE_FULL: 1 });
});

test('an open circuit is told before anything else, and gives its place in the waiting room to nobody', async (t) => {
  const house = new House(t, { rules: { breaker: true } });
  const { circuits } = house.admission;
  for (let n = 0; n < 20; n++) {
    house.call(FLOOD);
    const slot = house.started.at(-1);
    if (slot !== undefined) circuits.failed(slot);
    house.end();
  }
  t.strictSame(house.calls(FLOOD, 3), { CIRCUIT_OPEN: 3 });
  t.equal(house.admission.judge(FLOOD, 0, queue(0), house.now)?.retryAfter, 10);
  t.equal(house.call(NEIGHBOUR), 'start');
});

test('whatever comes and goes: nothing waits that has room, and in the end nothing is left', async () => {
  const tool = fc.constantFrom(...TOOLS);
  const step = fc.oneof(
    fc.record({ do: fc.constant('call' as const), tool, count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('end' as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({
      do: fc.constant('know' as const),
      tool,
      cost: fc.constantFrom(0.01, 0.5, 5),
      wait: fc.nat(50),
    }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.nat(1500) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const house = new House(undefined);
      try {
        for (const one of steps) {
          house.now += 1;
          if (one.do === 'call') house.calls(one.tool, one.count);
          else if (one.do === 'know') house.know(one.tool, one.cost, one.cost + one.wait);
          else if (one.do === 'pass') house.pass(one.ms);
          else for (let n = 0; n < one.count && house.started.length > 0; n++) house.end();
          if (house.admission.bulkheads.waiting > 0 && house.started.length === 0) return false;
        }
        while (house.started.length > 0) house.end();
        return house.admission.bulkheads.waiting === 0;
      } finally {
        house.admission.close();
      }
    }),
  );
});
