import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import { type Test, test } from 'tap';
import {
  Circuit,
  type CircuitCounts,
  type CircuitRules,
  type CircuitState,
  REFUSED,
} from '../../src/circuit/circuit.ts';
import { RollingCounts } from '../../src/circuit/rolling-counts.ts';

const RULES: CircuitRules = { failurePercent: 50, windowMs: 10_000, minCalls: 20, pauseMs: 60_000 };

interface Change extends CircuitCounts {
  readonly state: CircuitState;
}

function open(t: Test, rules: Partial<CircuitRules> = {}): { circuit: Circuit; changes: Change[] } {
  const changes: Change[] = [];
  const circuit = new Circuit({ ...RULES, ...rules }, (state, counts) => changes.push({ state, ...counts }));
  t.teardown(() => circuit.close());
  return { circuit, changes };
}

function calls(circuit: Circuit, count: number, end: 'succeeded' | 'failed' | 'ignored'): void {
  for (let n = 0; n < count; n++) circuit[end](circuit.enter());
}

/** opossum tells of a probe's end a few promises later. */
const afterProbe = (): Promise<void> => wait(1);

async function halfOpen(t: Test): Promise<{ circuit: Circuit; changes: Change[] }> {
  const opened = open(t, { pauseMs: 20 });
  calls(opened.circuit, 20, 'failed');
  while (opened.circuit.state !== 'half-open') await wait(5);
  return opened;
}

test('more than half of at least twenty calls failing opens the circuit', async (t) => {
  const { circuit, changes } = open(t);
  calls(circuit, 10, 'succeeded');
  calls(circuit, 10, 'failed');
  t.equal(circuit.state, 'closed', 'exactly half is not more than half');
  calls(circuit, 1, 'failed');
  t.equal(circuit.state, 'open');
  t.strictSame(changes, [{ state: 'open', calls: 21, failures: 11 }]);
});

test('nineteen failures in a row open nothing, the twentieth does', async (t) => {
  const { circuit } = open(t);
  calls(circuit, 19, 'failed');
  t.equal(circuit.state, 'closed');
  calls(circuit, 1, 'failed');
  t.equal(circuit.state, 'open');
});

test('what is neither success nor failure does not count', async (t) => {
  const { circuit } = open(t);
  calls(circuit, 19, 'failed');
  calls(circuit, 1000, 'ignored');
  t.strictSame(circuit.counts, { calls: 19, failures: 19 });
  calls(circuit, 1, 'failed');
  t.equal(circuit.state, 'open', 'it has not diluted the share either');
});

test('an open circuit refuses at once and says for how long', async (t) => {
  const { circuit } = open(t);
  calls(circuit, 20, 'failed');
  t.equal(circuit.enter(), REFUSED);
  t.notOk(circuit.mayEnter);
  t.ok(circuit.retryInMs > 59_000 && circuit.retryInMs <= 60_000);
});

test('a half-open circuit lets one call through at a time', async (t) => {
  const { circuit } = await halfOpen(t);
  t.not(circuit.enter(), REFUSED);
  t.equal(circuit.enter(), REFUSED);
});

test('a probe that succeeds closes the circuit, and what was before is forgotten', async (t) => {
  const { circuit, changes } = await halfOpen(t);
  circuit.succeeded(circuit.enter());
  await afterProbe();
  t.equal(circuit.state, 'closed');
  t.strictSame(circuit.counts, { calls: 0, failures: 0 });
  t.strictSame(
    changes.map(({ state }) => state),
    ['open', 'half-open', 'closed'],
  );
});

test('a probe that fails opens the circuit for another pause', async (t) => {
  const { circuit } = await halfOpen(t);
  circuit.failed(circuit.enter());
  await afterProbe();
  t.equal(circuit.state, 'open');
  while (circuit.state === 'open') await wait(5);
  t.equal(circuit.state, 'half-open');
});

test('a probe that says nothing leaves the place to the next one', async (t) => {
  const { circuit } = await halfOpen(t);
  circuit.ignored(circuit.enter());
  t.equal(circuit.state, 'half-open');
  t.not(circuit.enter(), REFUSED);
});

test('what was started before the circuit opened neither closes nor reopens it', async (t) => {
  const { circuit } = open(t, { pauseMs: 20 });
  const early = circuit.enter();
  const late = circuit.enter();
  calls(circuit, 20, 'failed');
  circuit.succeeded(early);
  t.equal(circuit.state, 'open');
  while (circuit.state !== 'half-open') await wait(5);
  circuit.succeeded(late);
  await afterProbe();
  t.equal(circuit.state, 'half-open');
});

test('a reset circuit is closed and remembers nothing', async (t) => {
  const { circuit } = open(t);
  const before = circuit.enter();
  calls(circuit, 20, 'failed');
  circuit.reset();
  t.equal(circuit.state, 'closed');
  circuit.failed(before);
  t.strictSame(circuit.counts, { calls: 0, failures: 0 });
});

test('counts are those of the window, to a tenth of it', async () => {
  const event = fc.record({ after: fc.nat(400), isSuccess: fc.boolean() });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const counts = new RollingCounts(1000);
      const seen: { at: number; isSuccess: boolean }[] = [];
      let now = 12_345;
      for (const { after, isSuccess } of events) {
        now += after;
        counts.count(isSuccess, now);
        seen.push({ at: now, isSuccess });
      }
      const within = (ms: number) => seen.filter(({ at }) => now - at < ms);
      const failuresOf = (some: typeof seen) => some.filter(({ isSuccess }) => !isSuccess).length;
      const { calls: counted, failures } = counts.at(now);
      const [least, most] = [within(900), within(1000)];
      return (
        counted >= least.length &&
        counted <= most.length &&
        failures >= failuresOf(least) &&
        failures <= failuresOf(most)
      );
    }),
  );
});
