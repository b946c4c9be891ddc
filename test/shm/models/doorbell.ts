/**
 * The doorbell alone: workers add replies to a counter and ring by need, the front takes them and sleeps.
 *
 * Wanted: the front never sleeps while a reply lies there, and is not rung twice for one sleep.
 */
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import type { Model, ThreadPlan } from '../../support/explorer-model.ts';
import type { Program } from '../../support/explorer-thread.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Parts } from './parts.ts';

export interface DoorbellShape {
  /** Replies of each worker. */
  readonly workers: readonly number[];
  /** How often something else, say a request, wakes the front. */
  readonly timeOuts?: number;
  /** Leaves out the front's look between saying asleep and sleeping, to show that it is needed. */
  readonly omitsLook?: boolean;
}

export function doorbellModel(parts: Parts, shape: DoorbellShape): Model<'rung' | 'sleeps'> {
  const plan = new MemoryPlan();
  const replies = plan.word('replies');
  const bellAt = plan.word('bell');
  const mail = plan.word('mail');
  const total = shape.workers.reduce((sum, own) => sum + own, 0);

  const takeAll = (seam: AtomicsSeam, words: Int32Array): number => {
    for (;;) {
      const there = seam.load(words, replies);
      if (there === 0 || seam.compareExchange(words, replies, there, 0) === there) return there;
    }
  };
  const worker =
    (own: number): Program<'rung' | 'sleeps'> =>
    ({ seam, words, emit, settle }) => {
      const bell = new parts.Doorbell(words, bellAt, seam);
      for (let reply = 0; reply < own; reply++) {
        settle(`pushes ${reply}`);
        seam.add(words, replies, 1);
        settle(`rings ${reply}`);
        if (!bell.mustRing()) continue;
        emit('rung');
        seam.add(words, mail, 1);
        seam.notify(words, mail);
      }
    };
  const front: Program<'rung' | 'sleeps'> = ({ seam, words, emit, settle }) => {
    const bell = new parts.Doorbell(words, bellAt, seam);
    let read = 0;
    for (let taken = 0; taken < total; ) {
      settle(`takes ${taken} ${read}`);
      taken += takeAll(seam, words);
      settle(`has taken ${taken} ${read}`);
      emit('sleeps');
      bell.fallAsleep();
      if (shape.omitsLook === true || seam.load(words, replies) === 0) {
        settle(`sleeps ${taken} ${read}`);
        seam.wait(words, mail, read);
        read = seam.load(words, mail);
      }
      settle(`wakes up ${taken} ${read}`);
      bell.wakeUp();
    }
  };

  const threads: ThreadPlan<'rung' | 'sleeps'>[] = shape.workers.map((own, index) => ({
    name: `worker ${index}`,
    program: worker(own),
  }));
  threads.push({ name: 'front', program: front, timeOuts: shape.timeOuts ?? 0 });
  return {
    memory: plan.memory(),
    threads,
    nameOf: plan.nameOf,
    check: ({ memory, threads: ended }) => {
      const events = ended.flatMap((thread) => thread.events);
      const rung = events.filter((event) => event === 'rung').length;
      const slept = events.length - rung;
      if (rung > slept) return `rung ${rung} times in ${slept} sleeps`;
      return memory[replies] === 0
        ? undefined
        : `the front sleeps although ${memory[replies]} replies lie there`;
    },
  };
}
