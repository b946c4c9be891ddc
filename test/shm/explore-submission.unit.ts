import { test } from 'tap';
import { cancellationModel } from './models/cancellation.ts';
import { holds } from './models/holds.ts';
import { REAL } from './models/parts.ts';
import { type SubmissionShape, submissionModel } from './models/submission.ts';
import { type WithdrawalShape, withdrawalModel } from './models/withdrawal.ts';

/** First position of the round of four cells whose lap is 0xffff. */
const LAST_LAP = 0xfffe * 4;

test('a call that was submitted is claimed by one worker, whoever comes in between', (t) => {
  const shapes: Record<string, SubmissionShape> = {
    'two producers, two consumers': { cells: 2, producers: [1, 1], consumers: [1, 1], mortal: 'nobody' },
    'more calls than cells': { cells: 2, producers: [3], consumers: [2, 1], mortal: 'nobody' },
    'a producer a whole round behind': { cells: 2, producers: [3, 1], consumers: [1], mortal: 'nobody' },
    'a consumer a whole round behind': {
      cells: 2,
      producers: [2],
      consumers: [2, 1],
      waiting: 2,
      mortal: 'nobody',
    },
    'laps are about to come round': {
      cells: 4,
      producers: [2, 1],
      consumers: [2],
      mortal: 'nobody',
      start: LAST_LAP + 3,
    },
    'head trimmed by a third thread': {
      cells: 2,
      producers: [1, 1],
      consumers: [1],
      trims: true,
      mortal: 'nobody',
    },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, submissionModel(REAL, shape));
  t.end();
});

test('a consumer that asks while a call waits gets one', (t) => {
  const shape = { cells: 2, producers: [1], consumers: [1, 1], waiting: 2, mortal: 'nobody' } as const;
  holds(t, 'two waiting, two consumers', submissionModel(REAL, shape));
  t.end();
});

test('a consumer that dies between any two steps loses no call and doubles none', (t) => {
  const shapes: Record<string, SubmissionShape> = {
    'two producers, two consumers': { cells: 2, producers: [1, 1], consumers: [1, 1], mortal: 'consumers' },
    'one dead, none left': { cells: 2, producers: [2, 1], consumers: [2], mortal: 'consumers' },
    'a whole round behind': { cells: 2, producers: [2], consumers: [2, 1], waiting: 2, mortal: 'consumers' },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, submissionModel(REAL, shape));
  t.end();
});

test('a producer that dies between any two steps holds up nobody', (t) => {
  const shapes: Record<string, SubmissionShape> = {
    'two producers, two consumers': { cells: 2, producers: [1, 1], consumers: [1, 1], mortal: 'producers' },
    'laps are about to come round': {
      cells: 4,
      producers: [2, 1],
      consumers: [2],
      mortal: 'producers',
      start: LAST_LAP + 3,
    },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, submissionModel(REAL, shape));
  t.end();
});

test('two producers and two consumers of two calls each, one of which may die', (t) => {
  const sizes = { producers: [2, 2], consumers: [2, 2], start: 3 } as const;
  for (const mortal of ['consumers', 'producers'] as const) {
    for (const cells of [2, 4]) {
      const model = submissionModel(REAL, { ...sizes, cells, mortal });
      holds(t, `${cells} cells, mortal ${mortal}`, { ...model, preemptions: 1 });
    }
  }
  t.end();
});

test('each life of a withdrawn and reused slot has exactly one end', (t) => {
  const shapes: Record<string, WithdrawalShape> = {
    'the front gives up, a consumer may die': {
      cells: 2,
      lives: 2,
      consumers: [1, 1],
      patience: 'gives up',
      mortal: true,
    },
    'old entries fill the ring': { cells: 2, lives: 3, consumers: [1], patience: 'gives up' },
    'old entries are trimmed': { cells: 2, lives: 3, consumers: [2], patience: 'gives up', trims: true },
    'the front waits': { cells: 2, lives: 2, consumers: [2, 2], patience: 'waits' },
    'the front waits, a consumer may die': {
      cells: 2,
      lives: 2,
      consumers: [2, 1],
      patience: 'waits',
      mortal: true,
    },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, withdrawalModel(REAL, shape));
  t.end();
});

test('a cancellation is seen by the worker of that very call only', (t) => {
  holds(t, 'the next call', cancellationModel(REAL, { cancels: [true, false] }));
  const roundTheEnd = { cancels: [true, false, false], firstGeneration: 2 ** 21 - 2, leftOver: 2 ** 21 - 1 };
  holds(t, 'generations come round', cancellationModel(REAL, roundTheEnd));
  t.end();
});
