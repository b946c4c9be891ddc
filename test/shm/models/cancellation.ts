/**
 * A started call is cancelled, ends, and its slot is used for another call while the flag still stands.
 *
 * Wanted: a worker sees a cancellation only of the very call it holds, and sees one that came before its
 * look.
 */
import type { Generation, SeatIndex, SlotIndex } from '../../../src/core/brand.ts';
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import { SLOT } from '../../../src/shm/layout.ts';
import { generationOf, PHASE, phaseOf } from '../../../src/shm/state-word.ts';
import type { Model } from '../../support/explorer-model.ts';
import type { Program } from '../../support/explorer-thread.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Parts } from './parts.ts';

export type CancellationEvent = readonly ['cancelled' | 'seen', Generation];

export interface CancellationShape {
  /** Which of the calls, by number, the front cancels once they are started. */
  readonly cancels: readonly boolean[];
  /** Generation of the first call. */
  readonly firstGeneration?: number;
  /** A cancellation of this generation was never cleared away. */
  readonly leftOver?: number;
}

const ONLY = 0 as SlotIndex;
const SEAT = 0 as SeatIndex;
const GENERATIONS = 2 ** 21;

export function cancellationModel(parts: Parts, shape: CancellationShape): Model<CancellationEvent> {
  const plan = new MemoryPlan();
  const slotsAt = plan.slots(1);
  const news = plan.word('news');
  const slotsOn = (seam: AtomicsSeam, words: Int32Array) => new parts.Slots(words, slotsAt, seam);
  const tell = (seam: AtomicsSeam, words: Int32Array): void => {
    seam.add(words, news, 1);
    seam.notify(words, news);
  };

  const front: Program<CancellationEvent> = ({ seam, words, emit, settle }) => {
    const slots = slotsOn(seam, words);
    for (const [call, cancels] of shape.cancels.entries()) {
      const generation = slots.submit(ONLY);
      tell(seam, words);
      let open = cancels;
      for (;;) {
        settle(`call ${call} ${open}`);
        const seen = seam.load(words, news);
        const word = slots.state(ONLY);
        if (open && phaseOf(word) === PHASE.CLAIMED) {
          slots.cancel(ONLY, generation);
          emit(['cancelled', generation]);
          open = false;
          continue;
        }
        if (slots.release(ONLY) === 'released') break;
        seam.wait(words, news, seen);
      }
    }
  };
  const worker: Program<CancellationEvent> = ({ seam, words, emit, settle }) => {
    const slots = slotsOn(seam, words);
    for (let done = 0; done < shape.cancels.length; ) {
      settle(`claims ${done}`);
      const seen = seam.load(words, news);
      if (slots.claim(ONLY, SEAT) === 'lost') {
        seam.wait(words, news, seen);
        continue;
      }
      settle(`works ${done}`);
      tell(seam, words);
      if (slots.isCancelled(ONLY)) emit(['seen', generationOf(slots.state(ONLY))]);
      slots.commit(ONLY, SEAT);
      tell(seam, words);
      done++;
    }
  };

  const memory = plan.memory();
  memory[slotsAt + SLOT.state] = (shape.firstGeneration ?? 0) << 11;
  memory[slotsAt + SLOT.cancelled] = shape.leftOver === undefined ? 0 : shape.leftOver + 1;
  return {
    memory,
    threads: [
      { name: 'front', program: front },
      { name: 'worker', program: worker },
    ],
    nameOf: plan.nameOf,
    check: ({ threads }) => {
      const events = threads.flatMap((thread) => thread.events);
      for (const call of shape.cancels.keys()) {
        const generation = ((shape.firstGeneration ?? 0) + call) % GENERATIONS;
        const has = (what: CancellationEvent[0]): boolean =>
          events.some(([kind, of]) => kind === what && of === generation);
        if (has('seen') && !has('cancelled'))
          return `call ${call} was never cancelled, yet the worker saw it so`;
      }
      return threads.every(({ ending }) => ending === 'finished')
        ? undefined
        : 'front or worker waits for ever';
    },
  };
}
