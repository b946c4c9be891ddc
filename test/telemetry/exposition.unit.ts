import { test } from 'tap';
import { expositionOf } from '../../src/telemetry/exposition.ts';
import { Register } from '../../src/telemetry/register.ts';
import type { Labels } from '../../src/telemetry/shared-histogram.ts';

const BOUNDS = [0.001, 0.008, 0.08, 1];

/** A register with one metric of each kind; the histogram has these label sets. */
function registerOf(labelSets: readonly Labels[]): Register {
  const register = new Register();
  register.counter('a_total', 'Counted.', ['what'], () => [[{ what: 'x' }, 3]]);
  register.histogram('b_seconds', 'Measured.', BOUNDS, () =>
    labelSets.map((labels, index) => [labels, { counts: [index, 0, 2, 1, 0], sum: index + 0.25 }]),
  );
  register.gauge('c', 'Up and down.', [], () => [[{}, 1.5]]);
  return register;
}

test('the text is the one prom-client would write', async (t) => {
  const { registry } = registerOf([
    {},
    { plugin: 'weather', tool: 'current' },
    { plugin: 'back\\slash', tool: 'quote " and\nline' },
  ]);
  for (const scrape of ['first', 'second'])
    t.equal(await expositionOf(registry), await registry.metrics(), scrape);
});

test('a scrape of very many tools leaves turns to the event loop', async (t) => {
  const tools = Array.from({ length: 5000 }, (_, index) => ({ plugin: 'p', tool: `t${index}` }));
  const { registry } = registerOf(tools);
  const whole = await expositionOf(registry);
  t.equal(whole, await registry.metrics());
  let turns = 0;
  const counter = setInterval(() => turns++, 1);
  t.teardown(() => clearInterval(counter));
  t.equal(await expositionOf(registry), whole);
  t.ok(turns > 2, `${turns} timers fired meanwhile`);
});
