/** The states of a model and the moves between them. */
import { Memories, type Memory } from './explorer-memory.ts';
import type { DeathNotice, Model } from './explorer-model.ts';
import { type Operation, perform, type Result } from './explorer-operation.ts';
import { type ThreadNode, ThreadTree } from './explorer-thread.ts';

/** 'ready' without an operation left means finished. */
type Phase = 'ready' | 'asleep' | 'dead';
const PHASE_NUMBER = { ready: 0, asleep: 1, dead: 2 } as const;

export interface ThreadState<Event> {
  readonly node: ThreadNode<Event>;
  readonly phase: Phase;
  /** Time-outs its waits may still have. */
  readonly timeOuts: number;
}

export interface State<Event> {
  readonly memory: Memory;
  readonly threads: readonly ThreadState<Event>[];
  /** The thread that moved last, and the preemptions so far; constant when these are not bounded. */
  readonly last: number;
  readonly preemptions: number;
}

export interface Move<Event> {
  readonly thread: number;
  readonly what: 'step' | 'death' | 'time-out';
  /** What the thread was about to do. */
  readonly operation: Operation;
  /** Undefined: none (yet), the thread died or fell asleep. */
  readonly result: Result | undefined;
  /** What took place together with it. */
  readonly joined: readonly Step[];
  readonly next: State<Event>;
}

/** An operation and what it was told. */
interface Step {
  readonly operation: Operation;
  readonly result: Result;
}

/** Integers in a state's row. */
export function rowWidth(threads: number): number {
  return threads + 2;
}

/** Writes what tells a state from others. A node stands for its thread's past. */
export function writeRow<Event>({ memory, threads, last, preemptions }: State<Event>, row: Int32Array): void {
  let column = 0;
  for (const { node, phase, timeOuts } of threads) {
    row[column++] = (node.id * 3 + PHASE_NUMBER[phase]) * 16 + timeOuts;
  }
  row[column++] = memory.id;
  row[column] = preemptions * 16 + last;
}

export function canStep<Event>({ node, phase }: ThreadState<Event>): boolean {
  return phase === 'ready' && node.operation !== undefined;
}

export class Moves<Event> {
  /** Moves left out so far because of a bound. */
  cut = 0;
  private readonly model: Model<Event>;
  private readonly trees: readonly ThreadTree<Event>[];
  private readonly memories: Memories;

  constructor(model: Model<Event>) {
    this.model = model;
    this.memories = new Memories(model.memory);
    this.trees = model.threads.map(({ program }) => new ThreadTree(program));
  }

  start(): State<Event> {
    const threads = this.trees.map(
      ({ root }, index): ThreadState<Event> => ({
        node: root,
        phase: 'ready',
        timeOuts: this.model.threads[index]?.timeOuts ?? 0,
      }),
    );
    let state: State<Event> = { memory: this.memories.start, threads, last: -1, preemptions: 0 };
    for (const thread of threads.keys()) state = this.withJoined(state, thread, []);
    return state;
  }

  from(state: State<Event>): Move<Event>[] {
    const moves: Move<Event>[] = [];
    const mayDie = state.threads.every(({ phase }) => phase !== 'dead');
    for (const [thread, { node, phase, timeOuts }] of state.threads.entries()) {
      const { operation } = node;
      if (phase === 'dead' || operation === undefined) continue;
      if (phase === 'ready') {
        const move = this.within(state, thread, node) ? this.step(state, thread, node, operation) : undefined;
        if (move === undefined) this.cut++;
        else moves.push(move);
      } else if (timeOuts > 0) {
        const awake = this.put(state, thread, this.after(thread, node, 'timed-out'), 'ready', timeOuts - 1);
        const joined: Step[] = [];
        const next = this.withJoined(awake, thread, joined);
        moves.push({ thread, what: 'time-out', operation, result: 'timed-out', joined, next });
      }
      const notice = this.model.threads[thread]?.death;
      if (!mayDie || notice === undefined) continue;
      const next = this.die(state, thread, node, notice);
      moves.push({ thread, what: 'death', operation, result: undefined, joined: [], next });
    }
    return moves;
  }

  /** Is the thread's next operation within the bounds? */
  private within(state: State<Event>, thread: number, node: ThreadNode<Event>): boolean {
    const { preemptions, operations = 100 } = this.model;
    if ((node.pasts[0]?.results.length ?? 0) >= operations) return false;
    return preemptions === undefined || this.preemptionsAfter(state, thread) <= preemptions;
  }

  private preemptionsAfter(state: State<Event>, thread: number): number {
    const last = state.threads[state.last];
    const preempts = last !== undefined && thread !== state.last && canStep(last);
    return state.preemptions + (preempts ? 1 : 0);
  }

  private step(
    state: State<Event>,
    thread: number,
    node: ThreadNode<Event>,
    operation: Operation,
  ): Move<Event> {
    const timeOuts = state.threads[thread]?.timeOuts ?? 0;
    const bounded = this.model.preemptions !== undefined;
    const preemptions = bounded ? this.preemptionsAfter(state, thread) : 0;
    const before: State<Event> = bounded ? { ...state, last: thread, preemptions } : state;
    if (operation.kind === 'wait' && state.memory.word(operation.index) === operation.value) {
      const next = this.put(before, thread, node, 'asleep', timeOuts);
      return { thread, what: 'step', operation, result: undefined, joined: [], next };
    }
    const { state: then, result } = this.carryOut(before, operation);
    const after = this.put(then, thread, this.after(thread, node, result), 'ready', timeOuts);
    const joined: Step[] = [];
    const next = this.withJoined(after, thread, joined);
    return { thread, what: 'step', operation, result, joined, next };
  }

  /** An operation that does not put its thread to sleep. */
  private carryOut(
    state: State<Event>,
    operation: Operation,
  ): { readonly state: State<Event>; readonly result: Result } {
    if (operation.kind === 'wait') return { state, result: 'not-equal' };
    if (operation.kind === 'notify') {
      const { state: after, woken } = this.wake(state, operation.index, operation.count);
      return { state: after, result: woken };
    }
    const { memory, result } = perform(operation, state.memory, this.memories);
    return { state: { ...state, memory }, result };
  }

  /** The operations of `thread` that belong to the step it has just taken. */
  private withJoined(state: State<Event>, thread: number, joined: Step[]): State<Event> {
    let after = state;
    for (;;) {
      const own = after.threads[thread];
      const operation = own?.node.operation;
      if (own === undefined || operation === undefined || own.phase !== 'ready' || !own.node.joins)
        return after;
      if (operation.kind === 'wait') throw new Error('a wait is a step of its own');
      const { state: then, result } = this.carryOut(after, operation);
      after = this.put(then, thread, this.after(thread, own.node, result), 'ready', own.timeOuts);
      joined.push({ operation, result });
    }
  }

  private wake(state: State<Event>, index: number, count: number): { state: State<Event>; woken: number } {
    let after = state;
    let woken = 0;
    for (const [sleeper, { node, phase, timeOuts }] of state.threads.entries()) {
      if (woken === count) break;
      if (phase !== 'asleep' || node.operation?.index !== index) continue;
      after = this.put(after, sleeper, this.after(sleeper, node, 'ok'), 'ready', timeOuts);
      after = this.withJoined(after, sleeper, []);
      woken++;
    }
    return { state: after, woken };
  }

  private die(
    state: State<Event>,
    thread: number,
    node: ThreadNode<Event>,
    { tells, rings }: DeathNotice,
  ): State<Event> {
    let memory = this.memories.write(state.memory, tells, thread + 1);
    if (rings !== undefined) memory = this.memories.write(memory, rings, memory.word(rings) + 1);
    let after = this.put({ ...state, memory }, thread, this.tree(thread).ended(node.events), 'dead', 0);
    for (const word of [tells, rings]) {
      if (word !== undefined) after = this.wake(after, word, Number.POSITIVE_INFINITY).state;
    }
    return after;
  }

  private put(
    state: State<Event>,
    thread: number,
    node: ThreadNode<Event>,
    phase: Phase,
    timeOuts: number,
  ): State<Event> {
    const { memory, last, preemptions } = state;
    return { memory, threads: state.threads.with(thread, { node, phase, timeOuts }), last, preemptions };
  }

  private after(thread: number, node: ThreadNode<Event>, result: Result): ThreadNode<Event> {
    return this.tree(thread).after(node, result);
  }

  private tree(thread: number): ThreadTree<Event> {
    const tree = this.trees[thread];
    if (tree === undefined) throw new RangeError(`no thread ${thread}`);
    return tree;
  }
}
