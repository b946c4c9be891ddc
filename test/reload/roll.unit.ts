import * as fc from 'fast-check';
import { test } from 'tap';
import type { Deployment } from '../../src/pool/deployment.ts';
import { roll } from '../../src/pool/roll.ts';
import { type Incident, PaperCrew } from './paper-crew.ts';

const OLD: Deployment = { plugins: [] };
const NEW: Deployment = { plugins: [] };
const nameOf = (deployment: Deployment): string => (deployment === OLD ? 'old' : 'new');
const TRUSTED = (): undefined => undefined;

function crewOf(size: number, incidents: readonly Incident[] = []): PaperCrew {
  return new PaperCrew(size, OLD, incidents, nameOf);
}

/** The incidents of a roll, by the number of the start or retirement at which they happen. */
function at(incidents: Readonly<Record<number, Incident>>): Incident[] {
  return Array.from({ length: 12 }, (_, n) => incidents[n] ?? {});
}

test('workers are exchanged one at a time, and each replacement serves before its predecessor goes', async (t) => {
  const crew = crewOf(3);
  t.strictSame(await roll(crew, OLD, NEW, TRUSTED), { kind: 'rolled' });
  t.strictSame(crew.steps, ['new starts', 'old goes', 'new starts', 'old goes', 'new starts', 'old goes']);
  t.equal(crew.deployment, NEW, 'lost workers are replaced on the new code from now on');
  t.strictSame(crew.broken, []);
});

for (const [n, steps] of [
  [0, ['new does not start']],
  [2, ['new starts', 'old goes', 'new does not start', 'old starts', 'new goes']],
] as const) {
  test(`when replacement ${n / 2 + 1} does not start, all run the old code again`, async (t) => {
    const crew = crewOf(2, at({ [n]: { failing: true } }));
    t.strictSame(await roll(crew, OLD, NEW, TRUSTED), { kind: 'rolled-back', reason: 'new does not start' });
    t.strictSame(crew.steps, steps);
    t.strictSame(crew.running, ['old', 'old']);
    t.equal(crew.deployment, OLD);
    t.strictSame(crew.broken, []);
  });
}

for (const step of [1, 2, 3]) {
  test(`a doubt after step ${step} of three takes every worker back that was exchanged`, async (t) => {
    const crew = crewOf(3);
    let asked = 0;
    const outcome = await roll(crew, OLD, NEW, () => (++asked === step ? 'it fails its calls' : undefined));
    t.strictSame(outcome, { kind: 'rolled-back', reason: 'it fails its calls' });
    t.strictSame(crew.running, ['old', 'old', 'old']);
    t.equal(crew.steps.filter((one) => one === 'old starts').length, step);
    t.equal(crew.deployment, OLD);
    t.strictSame(crew.broken, []);
  });
}

test('a worker lost while its replacement starts is not retired a second time', async (t) => {
  const crew = crewOf(2, at({ 0: { loses: 0 } }));
  t.strictSame(await roll(crew, OLD, NEW, TRUSTED), { kind: 'rolled' });
  t.strictSame(crew.running, ['new', 'new']);
  t.strictSame(crew.broken, []);
});

test('a suspect lost while the old code starts again is not retired a second time', async (t) => {
  // Steps: one exchanged, the second does not start; on the way back the only suspect is lost.
  const crew = crewOf(2, at({ 2: { failing: true }, 3: { loses: 1 } }));
  t.match(await roll(crew, OLD, NEW, TRUSTED), { kind: 'rolled-back' });
  t.strictSame(crew.running, ['old', 'old']);
  t.strictSame(crew.lost, [NEW]);
  t.strictSame(crew.broken, []);
});

for (const [end, doubt] of [
  ['rolled', undefined],
  ['rolled-back', 'it fails its calls'],
] as const) {
  test(`a lost worker replaced by one that stood by leaves none too many where all are ${end}`, async (t) => {
    const hasStandby = true;
    // Forward, the worker on old code is lost while the second starts; back, the suspect while the old code starts.
    const crew = crewOf(2, at({ 2: { loses: 1, hasStandby }, 3: { loses: 0, hasStandby } }));
    let asked = 0;
    const outcome = await roll(crew, OLD, NEW, () => (++asked === 1 ? doubt : undefined));
    t.equal(outcome.kind, end);
    t.equal(crew.running.length, 2);
    t.strictSame(crew.broken, []);
  });
}

test('a worker lost meanwhile comes back on the old code, and is exchanged too', async (t) => {
  const crew = crewOf(2, at({ 1: { loses: 1 } }));
  t.strictSame(await roll(crew, OLD, NEW, TRUSTED), { kind: 'rolled' });
  t.strictSame(crew.running, ['new', 'new']);
  t.strictSame(crew.broken, []);
});

test('when even the old code does not start, the way back ends all the same', async (t) => {
  const failing = { failing: true };
  const crew = crewOf(2, at({ 2: failing, 3: failing, 4: failing, 5: failing }));
  t.match(await roll(crew, OLD, NEW, TRUSTED), { kind: 'rolled-back' });
  t.equal(crew.steps.filter((one) => one === 'old does not start').length, 3, 'it is not tried for ever');
  t.strictSame(crew.running, ['old', 'old'], 'the pool heals itself');
});

test('nothing is touched when all workers run the code already', async (t) => {
  const crew = crewOf(2);
  t.strictSame(await roll(crew, OLD, OLD, TRUSTED), { kind: 'rolled' });
  t.strictSame(crew.steps, []);
});

const incident: fc.Arbitrary<Incident> = fc.record(
  {
    failing: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
    loses: fc.nat(4),
    hasStandby: fc.boolean(),
  },
  { requiredKeys: [] },
);

test('whatever fails, dies and is doubted: enough workers serve, never one too many, and all run the same in the end', async (t) => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(incident, { maxLength: 16 }),
      fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 10 }),
      async (size, incidents, doubts) => {
        const crew = crewOf(size, incidents);
        let asked = 0;
        const { kind } = await roll(crew, OLD, NEW, () => (doubts[asked++] === 0 ? 'a doubt' : undefined));
        seen.add(kind);
        const wanted = kind === 'rolled' ? NEW : OLD;
        const stray = crew.living().filter(({ deployment }) => deployment !== wanted);
        if (crew.broken.length > 0) throw new Error(`${crew.broken.join('; ')} in: ${crew.steps.join(', ')}`);
        if (stray.length > 0 || crew.deployment !== wanted || crew.living().length !== size)
          throw new Error(`${kind}: ${crew.running.join()}`);
      },
    ),
    { numRuns: 2_000 },
  );
  t.strictSame([...seen].toSorted(), ['rolled', 'rolled-back'], 'both ends were reached');
});
