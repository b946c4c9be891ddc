import { join } from 'node:path';
import { test } from 'tap';
import { PARKED } from '../../src/shm/parking.ts';
import { explore } from '../support/explorer.ts';
import type { Report } from '../support/explorer-model.ts';
import { ownFolder } from '../support/own-folder.ts';
import { cancellationModel } from './models/cancellation.ts';
import { completionModel } from './models/completion.ts';
import { doorbellModel } from './models/doorbell.ts';
import { loadMutant, MUTATIONS, type Mutation } from './models/mutants.ts';
import { type ParkingShape, parkingModel } from './models/parking.ts';
import { type Parts, REAL } from './models/parts.ts';
import { type SlabShape, slabModel } from './models/slab.ts';
import { type SubmissionShape, submissionModel } from './models/submission.ts';
import { type WithdrawalShape, withdrawalModel } from './models/withdrawal.ts';

type Question = (parts: Parts) => Report;

const submission =
  (shape: SubmissionShape): Question =>
  (parts) =>
    explore(submissionModel(parts, shape));
const withdrawal =
  (shape: WithdrawalShape): Question =>
  (parts) =>
    explore(withdrawalModel(parts, shape));
const parking =
  (shape: ParkingShape): Question =>
  (parts) =>
    explore(parkingModel(parts, shape));
const slab =
  (shape: SlabShape): Question =>
  (parts) =>
    explore(slabModel(parts, shape));
const completion: Question = (parts) =>
  explore(completionModel(parts, { cells: 4, workers: [1, 1], mortal: true }));
const doorbell: Question = (parts) => explore(doorbellModel(parts, { workers: [1, 1] }));

const pair = { cells: 2, producers: [1, 1], consumers: [1, 1] } as const;
const givesUp = { cells: 2, lives: 2, consumers: [1, 1], patience: 'gives up', mortal: true } as const;
const { blocked, looping } = PARKED;
const short = { calls: [], modes: [blocked] };
const producersDie = submission({ ...pair, mortal: 'producers' });
const nobodyDies = submission({ ...pair, mortal: 'nobody' });
const twoForOne = parking({ workers: [short], producers: [2] });
const twoBlocks = slab({ classes: [{ size: 10, count: 2 }], threads: [[5, 'give', 5], [5]], mortal: true });

/** For each mistake a question that is answered well by the real code and badly by the mutant. */
const SHOWN_BY: { readonly [Name in keyof typeof MUTATIONS]: Question } = {
  lapUnchecked: submission({ cells: 2, producers: [3, 1], consumers: [1], mortal: 'nobody' }),
  tailFirst: producersDie,
  fullUnchecked: submission({ cells: 2, producers: [3], consumers: [1], mortal: 'nobody' }),
  tailNotHelped: producersDie,
  headStored: submission({ cells: 2, producers: [2], consumers: [2, 1], waiting: 2, mortal: 'nobody' }),
  emptyUnchecked: submission({ cells: 2, producers: [1], consumers: [1, 1], waiting: 2, mortal: 'nobody' }),
  passedFirst: submission({ ...pair, mortal: 'consumers' }),
  offeredFirst: nobodyDies,
  refusedQueued: withdrawal({ cells: 2, lives: 3, consumers: [1], patience: 'gives up' }),
  trimsAll: submission({ cells: 2, producers: [1, 1], consumers: [1], trims: true, mortal: 'nobody' }),
  claimStored: nobodyDies,
  withdrawStored: withdrawal(givesUp),
  reclaimsOthers: completion,
  flagStays: (parts) =>
    explore(cancellationModel(parts, { cancels: [false, false], firstGeneration: 2 ** 21 - 1, leftOver: 0 })),
  flagWithoutGeneration: (parts) => explore(cancellationModel(parts, { cancels: [true, false] })),
  ringsTwice: doorbell,
  neverAsleep: doorbell,
  modeOverwritten: parking({
    workers: [{ calls: [], modes: [blocked, looping], timeOuts: 1 }],
    producers: [1, 1],
  }),
  attentiveLate: twoForOne,
  notMarkedAwake: twoForOne,
  parksAttentive: twoForOne,
  deadAttentive: parking({
    workers: [{ calls: ['long'], modes: [blocked] }, short],
    producers: [2],
    mortal: 0,
  }),
  grabStored: twoBlocks,
  reclaimsAll: twoBlocks,
};

const ofRealCode = new Map<Question, Report>();

for (const [key, mutation] of Object.entries(MUTATIONS) as [keyof typeof MUTATIONS, Mutation][]) {
  test(`it would be found if ${mutation.name}`, async (t) => {
    const question = SHOWN_BY[key];
    const real = ofRealCode.get(question) ?? question(REAL);
    ofRealCode.set(question, real);
    t.same([real.violation, real.cut], [undefined, 0], 'the real code does it right');
    const mutant = await loadMutant(mutation, join(ownFolder(t, {}), 'shm'));
    const { violation, cut } = question(mutant);
    // A thread that never comes to its end is cut, and as bad as a wrong end.
    t.ok(violation !== undefined || cut > 0, 'the mutant does not');
    t.notMatch(violation?.reason ?? '', /TypeError|ReferenceError/, 'and not because it is no program');
    if (violation !== undefined) t.comment([violation.reason, ...violation.schedule].join('\n  '));
  });
}

test('a mutation that no longer fits its file says so', async (t) => {
  const stale: Mutation = { name: 'stale', file: 'ring.ts', edits: [['text that is not there', '']] };
  await t.rejects(loadMutant(stale, join(ownFolder(t, {}), 'shm')), /no longer has exactly one/);
});
