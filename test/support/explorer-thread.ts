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
   * on how it got here. Pasts that differ in nothing else are then explored once.
   */
  readonly settle: (place: string) => void;
}

/** The code of one thread. */
export type Program<Event> = (hands: Hands<Event>) => void;

export interface ThreadNode<Event> {
  readonly id: number;
  /** Undefined: the program has returned. */
  readonly operation: Operation | undefined;
  /** Emitted so far. */
  readonly events: readonly Event[];
  /** What the program threw, if it did: an expectation of its own that did not hold. */
  readonly failure: string | undefined;
  /** Results of the operations before this one, in some of the pasts that lead here. */
  readonly pasts: (readonly Result[])[];
  readonly branches: Map<Result, ThreadNode<Event>>;
}

/**
 * Pasts of a node that are kept and followed side by side. One would do if `settle` were always right; where
 * two of them go on differently, it was not.
 */
const PASTS = 4;

export class ThreadTree<Event> {
  readonly root: ThreadNode<Event>;
  private readonly program: Program<Event>;
  private readonly nodes = new Map<string, ThreadNode<Event>>();

  constructor(program: Program<Event>) {
    this.program = program;
    this.root = this.run([]);
  }

  /** The node behind `node`'s operation when that had `result`. */
  after(node: ThreadNode<Event>, result: Result): ThreadNode<Event> {
    const known = node.branches.get(result);
    if (known !== undefined) return known;
    const [next, ...others] = node.pasts.map((past) => this.run([...past, result]));
    if (next === undefined) throw new Error('a thread that has ended goes no further');
    for (const other of others) if (other !== next) throw unsettled(node);
    node.branches.set(result, next);
    return next;
  }

  /** A thread that does nothing more, because it has returned or died: only what it emitted remains. */
  ended(events: readonly Event[], failure?: string): ThreadNode<Event> {
    return this.intern(JSON.stringify([events, failure]), undefined, events, failure);
  }

  private run(results: readonly Result[]): ThreadNode<Event> {
    const seam = new ScriptedSeam(results);
    const events: Event[] = [];
    let place = '';
    let settled = 0;
    let failure: string | undefined;
    try {
      this.program({
        seam,
        words: WORDS,
        emit: (event) => events.push(event),
        settle: (at) => {
          place = at;
          settled = seam.done;
        },
      });
    } catch (thrown) {
      if (thrown !== STOP) failure = String(thrown);
    }
    if (seam.next === undefined) return this.ended(events, failure);
    const identity = JSON.stringify([place, events, results.slice(settled)]);
    const node = this.intern(identity, seam.next, events, failure);
    if (JSON.stringify(node.operation) !== JSON.stringify(seam.next)) throw unsettled(node);
    if (node.pasts.length < PASTS) this.addPast(node, results);
    return node;
  }

  private addPast(node: ThreadNode<Event>, results: readonly Result[]): void {
    node.pasts.push(results);
    for (const [result, next] of node.branches) {
      if (this.run([...results, result]) !== next) throw unsettled(node);
    }
  }

  private intern(
    identity: string,
    operation: Operation | undefined,
    events: readonly Event[],
    failure: string | undefined,
  ): ThreadNode<Event> {
    let node = this.nodes.get(identity);
    if (node === undefined) {
      node = { id: this.nodes.size, operation, events, failure, pasts: [], branches: new Map() };
      this.nodes.set(identity, node);
    }
    return node;
  }
}

function unsettled<Event>(node: ThreadNode<Event>): Error {
  const operations = node.pasts.map((past) => past.join(' ')).join(' | ');
  return new Error(
    `a 'settle' before ${JSON.stringify(node.operation)} forgot what matters; pasts: ${operations}`,
  );
}
