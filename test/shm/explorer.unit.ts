import { test } from 'tap';
import type { AtomicsSeam } from '../../src/shm/atomics.ts';
import { explore } from '../support/explorer.ts';
import type { Model } from '../support/explorer-model.ts';
import type { Program } from '../support/explorer-thread.ts';

const COUNTER = 0;
const DIED = 1;
const memory = new Int32Array(2);

/** `threads` threads that each add one `times` times. */
function counting(
  add: (seam: AtomicsSeam, words: Int32Array) => void,
  threads: number,
  times: number,
): Model<never> {
  const program: Program<never> = ({ seam, words }) => {
    for (let time = 0; time < times; time++) add(seam, words);
  };
  return {
    memory,
    threads: Array.from({ length: threads }, (_, index) => ({ name: `thread ${index}`, program })),
    nameOf: (word) => (word === COUNTER ? 'counter' : 'died'),
    check: ({ memory: [counter] }) => (counter === threads * times ? undefined : `the counter is ${counter}`),
  };
}

const atomic = (seam: AtomicsSeam, words: Int32Array): void => {
  seam.add(words, COUNTER, 1);
};
const torn = (seam: AtomicsSeam, words: Int32Array): void => {
  seam.store(words, COUNTER, seam.load(words, COUNTER) + 1);
};

const spin: Program<never> = ({ seam, words }) => {
  while (seam.load(words, COUNTER) === 0);
};

const adder: Program<never> = ({ seam, words }) => {
  atomic(seam, words);
  atomic(seam, words);
};

const sleeper: Program<string> = ({ seam, words, emit }) => {
  emit(seam.wait(words, COUNTER, 0));
};

const waker: Program<string> = ({ seam, words }) => {
  seam.notify(words, COUNTER);
};

const forgetful: Program<never> = ({ seam, words, settle }) => {
  const before = seam.add(words, COUNTER, 1);
  settle('');
  seam.store(words, DIED, before);
};

const around: Program<never> = ({ words }) => {
  words[COUNTER] = 1;
};

const strict: Program<never> = ({ seam, words }) => {
  if (seam.add(words, COUNTER, 1) === 1) throw new Error('second');
};

/** Adds one in two steps that nothing comes between. */
const inOneStep: Program<never> = ({ seam, words, oneStep }) => oneStep(() => torn(seam, words));

/** Takes the counter, and what it does next belongs to that step. */
const withIt: Program<never> = ({ seam, words, sameStep }) => {
  const before = seam.add(words, COUNTER, 1);
  sameStep(() => seam.store(words, DIED, before));
};

const circle: Program<never> = ({ seam, words, settle }) => {
  for (;;) {
    settle('');
    seam.load(words, COUNTER);
  }
};

const forgetting = (settles: boolean): Model<never> => ({
  memory,
  threads: [0, 1, 2].map((index) => ({
    name: `thread ${index}`,
    program: ({ seam, words, settle }) => {
      for (let time = 0; time < 3; time++) {
        atomic(seam, words);
        if (settles) settle(`${time}`);
      }
    },
  })),
  check: () => undefined,
});

/** How a sleeper that may time out so often ends, and whether that end is final. */
const ends = (timeOuts: number): string[] => {
  const seen = new Set<string>();
  explore<string>({
    memory,
    threads: [
      { name: 'sleeper', program: sleeper, timeOuts },
      { name: 'waker', program: waker },
    ],
    check: ({ threads, final }) => {
      seen.add(`${threads[0]?.events[0] ?? threads[0]?.ending} ${final}`);
      return undefined;
    },
  });
  return [...seen].toSorted();
};

test('an addition in one step survives every schedule, and all are counted', (t) => {
  const { violation, schedules, cut } = explore(counting(atomic, 3, 2));
  t.equal(violation, undefined);
  t.equal(schedules, 90, '6! / (2! 2! 2!) orders of six steps');
  t.equal(cut, 0);
  t.end();
});

test('an addition in two steps loses one, and the schedule with the fewest switches shows how', (t) => {
  const { violation } = explore(counting(torn, 2, 1));
  t.same(violation, {
    reason: 'the counter is 1',
    schedule: [
      'thread 0: load counter → 0',
      'thread 1: load counter → 0',
      'thread 1: store counter 1 → 1',
      'thread 0: store counter 1 → 1',
    ],
  });
  t.end();
});

test('a bound on preemptions says how much it has cut', (t) => {
  const none = explore({ ...counting(torn, 2, 2), preemptions: 0 });
  t.equal(none.violation, undefined, 'without a preemption nothing goes wrong');
  t.equal(none.schedules, 2);
  t.ok(none.cut > 0);
  t.ok(explore({ ...counting(torn, 2, 2), preemptions: 1 }).violation);
  t.end();
});

test('a thread that spins for ever is cut, not followed', (t) => {
  const { cut, violation } = explore({
    memory,
    threads: [{ name: 'spinner', program: spin }],
    check: () => undefined,
    operations: 10,
  });
  t.equal(cut, 1);
  t.equal(violation, undefined);
  t.end();
});

test('a thread can die before each of its steps, once in a schedule, and its notice wakes those who wait', (t) => {
  const counts: (number | undefined)[][] = [];
  const { violation } = explore<'saw the death'>({
    memory,
    threads: [
      { name: 'first', program: adder, death: { tells: DIED } },
      { name: 'second', program: adder, death: { tells: DIED } },
      {
        name: 'mourner',
        program: ({ seam, words, emit }) => {
          seam.wait(words, DIED, 0);
          emit('saw the death');
        },
      },
    ],
    check: ({ memory: [counter, died], threads }) => {
      const dead = threads.filter(({ ending }) => ending === 'dead');
      const mourned = threads[2]?.events.length === 1;
      counts.push([counter, died]);
      if (dead.length > 1) return 'two deaths';
      return mourned === (dead.length === 1) ? undefined : 'the mourner is wrong';
    },
  });
  t.equal(violation, undefined);
  const kinds = new Set(counts.map(String));
  t.same(
    [...kinds].toSorted(),
    ['2,1', '2,2', '3,1', '3,2', '4,0'],
    'dies before its first or its second step, or not',
  );
  t.end();
});

test('a waiter sleeps until it is notified, or times out as often as it may', (t) => {
  t.same(ends(0), ['asleep true', 'ok true'], 'a notification that comes too early is lost');
  t.same(ends(1), ['asleep false', 'ok true', 'timed-out true']);
  t.end();
});

test('what is declared one step is one, and so is what joins the step before', (t) => {
  for (const [program, counted] of [
    [inOneStep, [2, 0]],
    [withIt, [2, 1]],
  ] as const) {
    const { schedules, violation } = explore({
      memory,
      threads: [0, 1].map((index) => ({ name: `thread ${index}`, program })),
      check: ({ memory: [counter, died] }) =>
        counter === counted[0] && died === counted[1] ? undefined : `the counter is ${counter}, then ${died}`,
    });
    t.equal(violation, undefined);
    t.equal(schedules, 2, 'two threads of one step each');
  }
  t.end();
});

test('a step that joins another is shown with it', (t) => {
  const threads = [{ name: 'one', program: withIt }];
  const { violation } = explore({ memory, threads, check: () => 'on purpose' });
  t.same(violation?.schedule, ['one: add word 0 1 → 0; store word 1 0 → 0']);
  t.end();
});

test('pasts that a thread promises to be equal are explored once', (t) => {
  const [full, merged] = [explore(forgetting(false)), explore(forgetting(true))];
  t.equal(merged.schedules, full.schedules);
  t.equal(merged.states, 4 ** 3);
  t.ok(full.states > merged.states);
  t.end();
});

test('a promise that forgets what matters is noticed', (t) => {
  const threads = [0, 1].map((index) => ({ name: `thread ${index}`, program: forgetful }));
  t.throws(() => explore({ memory, threads, check: () => undefined }), /forgot what matters/);
  t.end();
});

test('a racing access that does not go through the seam is refused', (t) => {
  const { violation } = explore({
    memory,
    threads: [{ name: 'one', program: around }],
    check: () => undefined,
  });
  t.match(violation?.reason, /plain write/);
  t.end();
});

test('what a thread throws is a violation', (t) => {
  const threads = [0, 1].map((index) => ({ name: `thread ${index}`, program: strict }));
  const { violation } = explore({ memory, threads, check: () => undefined });
  t.equal(violation?.reason, 'Error: second');
  t.end();
});

test('a model without end is refused', (t) => {
  const threads = [{ name: 'one', program: circle }];
  t.throws(() => explore({ memory, threads, check: () => undefined }), /round in circles/);
  t.end();
});
