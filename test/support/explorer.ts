/**
 * Explores every interleaving of a few threads over the seam (src/shm/atomics.ts).
 *
 * A depth-first search over "whose operation comes next". States already seen are not entered again: two
 * states are the same when memory is equal and each thread has had the same results, for then everything
 * that follows is the same. So every reachable state is visited although most schedules are only counted.
 *
 *   moves from a state    a thread's next operation takes place
 *                         a mortal thread dies here (one death in a schedule)
 *                         a sleeper's wait times out (as often as its plan allows)
 *   at rest               no thread has an operation to do: all have finished, died or sleep; the model's
 *                         check decides whether that is a good end
 *
 * What is explored is sequentially consistent, which is what Atomics promises.
 */
import type { Model, Report, Violation } from './explorer-model.ts';
import { canStep, type Move, Moves, rowWidth, type State, writeRow } from './explorer-moves.ts';
import { describe } from './explorer-operation.ts';
import { Seen } from './explorer-seen.ts';

/** More would take too long; a model that needs more must be cut down by its author, not silently. */
const MOST_STATES = 4_000_000;

/** Instead of a count, while the search is still below that state. */
const UNFINISHED = -1;

/** Unwinds the search. */
class Found extends Error {
  readonly violation: Violation;

  constructor(violation: Violation) {
    super(violation.reason);
    this.violation = violation;
  }
}

class Search<Event> {
  /** Complete schedules from each state. */
  readonly seen: Seen;
  readonly moves: Moves<Event>;
  private readonly model: Model<Event>;
  private readonly path: Move<Event>[] = [];
  private readonly row: Int32Array;

  constructor(model: Model<Event>) {
    this.model = model;
    const width = rowWidth(model.threads.length);
    this.seen = new Seen(width);
    this.row = new Int32Array(width);
    this.moves = new Moves(model);
  }

  /** Returns how many complete schedules begin at `state`. */
  visit(state: State<Event>): number {
    writeRow(state, this.row);
    const { handle, isNew } = this.seen.find(this.row, UNFINISHED);
    if (!isNew) {
      const known = this.seen.get(handle);
      if (known === UNFINISHED)
        throw new Error('the model can go round in circles: its threads need a bound');
      return known;
    }
    if (this.seen.size > MOST_STATES) throw new Error(`more than ${MOST_STATES} states`);
    for (const { node } of state.threads) if (node.failure !== undefined) this.fail(node.failure);
    const moves = this.moves.from(state);
    if (!state.threads.some(canStep)) this.checkRest(state, moves.length === 0);
    let schedules = moves.length === 0 ? 1 : 0;
    for (const move of moves) {
      this.path.push(move);
      schedules += this.visit(move.next);
      this.path.pop();
    }
    this.seen.set(handle, schedules);
    return schedules;
  }

  private checkRest(state: State<Event>, final: boolean): void {
    const threads = state.threads.map(({ node, phase }, index) => ({
      name: this.model.threads[index]?.name ?? '',
      ending: phase === 'ready' ? ('finished' as const) : phase,
      waitsOn: phase === 'asleep' ? node.operation?.index : undefined,
      place: node.place,
      events: node.events,
    }));
    const reason = this.model.check({ memory: state.memory.copy(), threads, final });
    if (reason !== undefined) this.fail(reason);
  }

  private fail(reason: string): never {
    const nameOf = this.model.nameOf ?? ((index: number) => `word ${index}`);
    const schedule = this.path.map(({ thread, what, operation, result, joined }) => {
      const name = this.model.threads[thread]?.name ?? '';
      const first = what === 'step' ? describe(operation, result, nameOf) : what;
      const others = joined.map((step) => describe(step.operation, step.result, nameOf));
      return `${name}: ${[first, ...others].join('; ')}`;
    });
    throw new Found({ reason, schedule });
  }
}

function search<Event>(model: Model<Event>): Report {
  const run = new Search(model);
  try {
    const schedules = run.visit(run.moves.start());
    return { states: run.seen.size, schedules, cut: run.moves.cut, violation: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Found)) throw thrown;
    return { states: run.seen.size, schedules: 0, cut: run.moves.cut, violation: thrown.violation };
  }
}

/**
 * Visits every state the model can reach. A violation ends that, and is looked for again with as few
 * preemptions as it takes, because the first schedule found is seldom the one a person can follow.
 */
export function explore<Event>(model: Model<Event>): Report {
  const report = search(model);
  if (report.violation === undefined || model.preemptions !== undefined) return report;
  for (let preemptions = 0; ; preemptions++) {
    const simpler = search({ ...model, preemptions });
    if (simpler.violation !== undefined) return simpler;
    if (simpler.cut === 0) return report;
  }
}
