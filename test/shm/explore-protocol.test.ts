import { join } from 'node:path';
import { test } from 'tap';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { Runner } from '../../workers/runner.ts';
import { explore } from '../support/explorer.ts';
import { ownFolder } from '../support/own-folder.ts';
import { holds } from './models/holds.ts';
import type { Mutation } from './models/mutants.ts';
import { REAL } from './models/parts.ts';
import { protocolModel } from './models/protocol/protocol.ts';
import { loadProtocolMutant, PROTOCOL_MUTATIONS } from './models/protocol/protocol-mutants.ts';
import type { ProtocolParts, ProtocolShape } from './models/protocol/protocol-shape.ts';

const parts: ProtocolParts = { ...REAL, Dispatcher, Runner };

/** Preemptions in the larger models; `all`: not bounded, then the explorer gives up at some millions of states. */
const bound = process.env['EXPLORE_PREEMPTIONS'] ?? '0';
const preemptions = bound === 'all' ? {} : { preemptions: Number(bound) };

const one = { slots: 1, workers: 1, blocks: 3 } as const;
const pair = { slots: 1, workers: 2, blocks: 3, grain: 'transitions' } as const;
const anything = { mortal: true, leaves: 1 } as const;

test('a call has its one answer whenever its client leaves and its worker dies', (t) => {
  const shapes: Record<string, ProtocolShape> = {
    'every operation': { ...one, ...anything, calls: ['plain'], grain: 'operations' },
    'a slot that is used again': { ...one, ...anything, calls: ['plain', 'plain'], grain: 'transitions' },
    'a promise that settles at any moment': { ...one, ...anything, calls: ['awaits'], grain: 'transitions' },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, protocolModel(parts, shape));
  t.end();
});

test('an idempotent call outlives its worker, and runs no third time, whatever else happens', (t) => {
  const shape = { ...one, calls: ['idempotent'], mortal: true, grain: 'transitions' } as const;
  holds(t, 'its client leaves', protocolModel(parts, { ...shape, leaves: 1 }));
  holds(t, 'its deadline passes', protocolModel(parts, { ...shape, deadlinePasses: true }));
  t.end();
});

test('two workers take each call once, and none sleeps while one waits', (t) => {
  holds(
    t,
    'one call, withdrawn at any moment',
    protocolModel(parts, { ...pair, calls: ['plain'], leaves: 1 }),
  );
  holds(t, 'a slot that is used again', protocolModel(parts, { ...pair, calls: ['plain', 'plain'] }));
  t.end();
});

test('larger models hold as far as they are followed', (t) => {
  const calls = ['idempotent', 'plain'] as const;
  const shapes: Record<string, ProtocolShape> = {
    'one worker, whatever happens': {
      ...one,
      ...anything,
      calls: ['idempotent'],
      grain: 'operations',
      deadlinePasses: true,
    },
    'two workers, one of which may die': { ...pair, calls, slots: 2, blocks: 5, mortal: true },
  };
  for (const [name, shape] of Object.entries(shapes)) {
    holds(t, name, { ...protocolModel(parts, shape), ...preemptions });
  }
  t.end();
});

test('a slot taken from a worker that still lives would be noticed', (t) => {
  const shape = { ...one, calls: ['plain'], grain: 'transitions', givesUpTooEarly: true } as const;
  const { violation } = explore(protocolModel(parts, shape));
  t.match(violation?.reason, /of a slot it does not own|revoked from a living thread/);
  t.comment(violation?.schedule.join('\n  '));
  t.end();
});

/** For each mistake a model that ends well with the real code. */
const SHOWN_BY: { readonly [Name in keyof typeof PROTOCOL_MUTATIONS]: ProtocolShape } = {
  answersTheGone: { ...one, calls: ['plain'], leaves: 1, grain: 'transitions' },
  reusesStarted: { ...one, calls: ['plain', 'plain'], leaves: 1, grain: 'transitions' },
  staysAwake: { ...one, calls: ['plain', 'plain'], mortal: true, grain: 'transitions' },
  announcesFirst: { ...one, slots: 2, calls: ['plain', 'plain'], grain: 'transitions' },
  overwritesRequest: { ...one, calls: ['idempotent'], mortal: true, grain: 'transitions' },
};

for (const [key, mutation] of Object.entries(PROTOCOL_MUTATIONS) as [
  keyof typeof PROTOCOL_MUTATIONS,
  Mutation,
][]) {
  test(`it would be found if ${mutation.name}`, async (t) => {
    const shape = SHOWN_BY[key];
    const real = explore(protocolModel(parts, shape));
    t.same([real.violation, real.cut], [undefined, 0], 'the real code does it right');
    const mutant = await loadProtocolMutant(mutation, join(ownFolder(t, {}), 'copy'));
    const { violation } = explore(protocolModel(mutant, shape));
    t.ok(violation, 'the mutant does not');
    t.notMatch(violation?.reason ?? '', /TypeError|ReferenceError/, 'and not because it is no program');
    t.comment(violation?.reason);
  });
}
