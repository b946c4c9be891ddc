import * as fc from 'fast-check';
import { test } from 'tap';
import {
  IllegalTransition,
  type State,
  type Transition,
  type VersionIdentity,
  VersionState,
} from '../../src/lifecycle/version-state.ts';

const STATES = ['REGISTERED', 'LOADING', 'ACTIVE', 'INACTIVE', 'UNLOADING', 'UNLOADED'] as const;

/** The specification's table, written down a second time. */
const ALLOWED: ReadonlySet<string> = new Set([
  'REGISTERED LOADING',
  'LOADING ACTIVE',
  'LOADING INACTIVE',
  'ACTIVE INACTIVE',
  'ACTIVE UNLOADING',
  'INACTIVE LOADING',
  'INACTIVE UNLOADING',
  'UNLOADING UNLOADED',
]);

const identity: VersionIdentity = { plugin: 'weather', version: '1.2.0', hash: 'abc123' };

const unexpected = (error: unknown): void => {
  throw error;
};

/** A version that has been led to where the states end. */
function versionAt(...way: readonly State[]): VersionState {
  const version = new VersionState(identity, unexpected);
  for (const state of way) version.transitionTo(state, 'test');
  return version;
}

test('on any walk exactly the moves of the table are possible', async (t) => {
  const made = new Set<string>();
  const refused = new Set<string>();
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...STATES), { maxLength: 30 }), (walk) => {
      const version = new VersionState(identity, unexpected);
      const told: Transition[] = [];
      version.subscribe((transition) => told.push(transition));
      const expected: Transition[] = [];
      for (const [step, to] of walk.entries()) {
        const from = version.state;
        const cause = `step ${step}`;
        try {
          version.transitionTo(to, cause);
          if (!ALLOWED.has(`${from} ${to}`) || version.state !== to) return false;
          made.add(`${from} ${to}`);
          expected.push({ ...identity, from, to, cause });
        } catch (error) {
          if (!(error instanceof IllegalTransition) || ALLOWED.has(`${from} ${to}`)) return false;
          if (version.state !== from) return false;
          refused.add(`${from} ${to}`);
        }
      }
      return JSON.stringify(told) === JSON.stringify(expected);
    }),
    { numRuns: 2_000, seed: 1 },
  );
  t.strictSame(made, ALLOWED, 'every move of the table was made');
  t.equal(made.size + refused.size, STATES.length ** 2, 'every other pair was tried and refused');
});

test('an illegal move names plugin, version and both states', async (t) => {
  t.throws(
    () => versionAt('LOADING').transitionTo('UNLOADED', 'impatience'),
    new IllegalTransition({ ...identity, from: 'LOADING', to: 'UNLOADED', cause: 'impatience' }),
  );
  t.throws(() => versionAt('LOADING').transitionTo('UNLOADED', 'impatience'), {
    name: 'IllegalTransition',
    message: 'weather 1.2.0 cannot go from LOADING to UNLOADED (impatience)',
    from: 'LOADING',
    to: 'UNLOADED',
  });
});

test('unload takes an active version out of service first', async (t) => {
  const version = versionAt('LOADING', 'ACTIVE');
  const told: string[] = [];
  version.subscribe(({ from, to, cause }) => told.push(`${from} ${to} ${cause}`));
  version.unload('replaced');
  t.strictSame(told, ['ACTIVE INACTIVE replaced', 'INACTIVE UNLOADING replaced']);
  t.equal(version.state, 'UNLOADING');
});

test('unload of an inactive version is one move, of an unloaded one none', async (t) => {
  const version = versionAt('LOADING', 'INACTIVE');
  version.unload('old');
  t.equal(version.state, 'UNLOADING');
  version.transitionTo('UNLOADED', 'its threads have gone');
  t.throws(() => version.unload('again'), IllegalTransition);
});

test('a subscriber that throws is reported and keeps nothing from the others', async (t) => {
  const errors: unknown[] = [];
  const version = new VersionState(identity, (error) => errors.push(error));
  const told: State[] = [];
  version.subscribe(() => {
    throw new Error('deaf');
  });
  version.subscribe(({ to }) => told.push(to));
  version.transitionTo('LOADING', 'test');
  t.strictSame(told, ['LOADING']);
  t.match(errors, [{ message: 'deaf' }]);
  t.equal(version.state, 'LOADING');
});

test('a subscriber that moves the version on keeps the order for the others', async (t) => {
  const version = versionAt();
  version.subscribe(({ to }) => {
    if (to === 'LOADING') version.transitionTo('INACTIVE', 'refused');
  });
  const told: State[] = [];
  version.subscribe(({ to }) => told.push(to));
  version.transitionTo('LOADING', 'test');
  t.strictSame(told, ['LOADING', 'INACTIVE']);
});

test('who has unsubscribed hears nothing more', async (t) => {
  const version = versionAt();
  const told: State[] = [];
  const unsubscribe = version.subscribe(({ to }) => told.push(to));
  version.transitionTo('LOADING', 'test');
  unsubscribe();
  version.transitionTo('ACTIVE', 'test');
  t.strictSame(told, ['LOADING']);
});
