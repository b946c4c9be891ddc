/**
 * A thread as the tree of everything it could do: a node is the operation it wants next, a branch the
 * result that operation had.
 *
 * The tree is grown on demand by running the thread's ordinary synchronous code from its start: the first
 * operations get the recorded results of the path, the next one is taken down and stops the run. The code
 * therefore must be deterministic and must reach shared words through the seam only; a plain access throws.
 */
import type { AtomicsSeam } from '../../src/shm/atomics.ts';
import type { Operation, Result } from './explorer-operation.ts';
import { ScriptedSeam, STOP, WORDS } from './explorer-seam.ts';

/** What a program is given. */
export interface Hands<Event> {
  readonly seam: AtomicsSeam;
  /** What the seam's methods want as their first argument. */
  readonly words: Int32Array;
  /** Records something for the check at the end, as part of the step before it. */
  readonly emit: (event: Event) => void;
  /**
   * Promises that from here on the thread's behaviour depends on `place` and on what it has emitted, not
   * on how it got here. Pasts that differ in nothing else are then explored once. A place that takes time
   * to describe may be given as a function.
   */
  readonly settle: (place: string | (() => string)) => void;
  /**
   * Everything `work` does through the seam takes place at once, as a step of its own. For code whose inside
   * is explored elsewhere, and for what is one action outside the model.
   */
  readonly oneStep: <T>(work: () => T) => T;
  /** The same, as part of the step before: for memory that only its owner touches. */
  readonly sameStep: <T>(work: () => T) => T;
}

/** The code of one thread. */
export type Program<Event> = (hands: Hands<Event>) => void;

export interface ThreadNode<Event> {
  readonly id: number;
  /** Undefined: the program has returned. */
  readonly operation: Operation | undefined;
  /** Does the operation take place together with the one before it? */
  readonly joins: boolean;
  /** Where the thread has settled last. */
  readonly place: string;
  /** Emitted so far. */
  readonly events: readonly Event[];
  /** What the program threw, if it did: an expectation of its own that did not hold. */
  readonly failure: string | undefined;
  /** Some of the pasts that lead here. */
  readonly pasts: Past[];
  readonly branches: Map<Result, ThreadNode<Event>>;
}

interface Past {
  /** Results of all operations so far. */
  readonly results: readonly Result[];
  /** How many of them lie before the last `settle`. */
  readonly settled: number;
}

/**
 * Pasts of a node that are kept and followed side by side. One would do if `settle` were always right; where
 * two of them go on differently, it was not.
 */
const PASTS = 2;

export class ThreadTree<Event> {
  readonly root: ThreadNode<Event>;
  private readonly program: Program<Event>;
  private readonly nodes = new Map<string, ThreadNode<Event>>();

  constructor(program: Program<Event>) {
    this.program = program;
    this.root = this.run([], '', 0);
  }

  /** The node behind `node`'s operation when that had `result`. */
  after(node: ThreadNode<Event>, result: Result): ThreadNode<Event> {
    const known = node.branches.get(result);
    if (known !== undefined) return known;
    const [next, ...others] = node.pasts.map((past) => this.goOn(node, past, result));
    if (next === undefined) throw new Error('a thread that has ended goes no further');
    for (const other of others) if (other !== next) throw unsettled(node);
    node.branches.set(result, next);
    return next;
  }

  /** A thread that does nothing more, because it has returned or died: only what it emitted remains. */
  ended(events: readonly Event[], failure?: string): ThreadNode<Event> {
    const identity = JSON.stringify([events, failure]);
    return this.intern(identity, { operation: undefined, joins: false, place: '', events, failure });
  }

  private goOn(node: ThreadNode<Event>, { results, settled }: Past, result: Result): ThreadNode<Event> {
    return this.run([...results, result], node.place, settled);
  }

  /** `place` and `settled`: what `settle` was told last before the last of these results. */
  private run(results: readonly Result[], place: string, settled: number): ThreadNode<Event> {
    const seam = new ScriptedSeam(results);
    const events: Event[] = [];
    let past: Past = { results, settled };
    let now = place;
    let failure: string | undefined;
    try {
      this.program({
        seam,
        words: WORDS,
        emit: (event) => events.push(event),
        settle: (at) => {
          // Earlier ones are known: `place` is the last of them.
          if (seam.done < results.length) return;
          now = typeof at === 'string' ? at : at();
          past = { results, settled: seam.done };
        },
        oneStep: seam.oneStep,
        sameStep: seam.sameStep,
      });
    } catch (thrown) {
      if (thrown !== STOP) failure = String(thrown);
    }
    if (seam.next === undefined) return this.ended(events, failure);
    const identity = JSON.stringify([now, events, results.slice(past.settled)]);
    const what = { operation: seam.next, joins: seam.nextJoins, place: now, events, failure };
    const node = this.intern(identity, what);
    if (JSON.stringify(node.operation) !== JSON.stringify(seam.next)) throw unsettled(node);
    // What joins a step is followed by a step, where pasts are compared again.
    if (node.pasts.length < (node.joins ? 1 : PASTS)) this.addPast(node, past);
    return node;
  }

  private addPast(node: ThreadNode<Event>, past: Past): void {
    node.pasts.push(past);
    for (const [result, next] of node.branches) {
      if (this.goOn(node, past, result) !== next) throw unsettled(node);
    }
  }

  private intern(
    identity: string,
    what: Omit<ThreadNode<Event>, 'id' | 'pasts' | 'branches'>,
  ): ThreadNode<Event> {
    let node = this.nodes.get(identity);
    if (node === undefined) {
      node = { id: this.nodes.size, ...what, pasts: [], branches: new Map() };
      this.nodes.set(identity, node);
    }
    return node;
  }
}

function unsettled<Event>(node: ThreadNode<Event>): Error {
  const operations = node.pasts.map(({ results }) => results.join(' ')).join(' | ');
  return new Error(
    `a 'settle' before ${JSON.stringify(node.operation)} forgot what matters; pasts: ${operations}`,
  );
}
