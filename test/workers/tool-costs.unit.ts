import { test } from 'tap';
import type { ToolId } from '../../src/core/brand.ts';
import { ToolCosts } from '../../workers/tool-costs.ts';

const TOOL = 0 as ToolId;
const OTHER = 1 as ToolId;

test('a tool counts as long until it has been seen', async (t) => {
  const costs = new ToolCosts(2);
  t.equal(costs.isLong(TOOL), true);
  costs.learn(TOOL, 0.01);
  t.equal(costs.isLong(TOOL), false);
  t.equal(costs.isLong(OTHER), true, 'what is learned of one says nothing of another');
});

test('what the first calls cost more, because their code is compiled meanwhile, is not held against a tool', async (t) => {
  const costs = new ToolCosts(1);
  for (const ms of [9, 0.4, 0.01]) {
    costs.learn(TOOL, ms);
    t.equal(costs.micros(TOOL), 0, 'nothing is told before they are over');
  }
  costs.learn(TOOL, 0.2);
  t.equal(costs.micros(TOOL), 10);
});

test('a moment in which the machine stops makes no quick tool a long one, a call that computes does', async (t) => {
  for (const [ms, micros] of [
    [200, [300, 600]],
    [300, [37_000, 38_000]],
  ] as const) {
    const costs = new ToolCosts(1);
    for (let call = 0; call < 4; call++) costs.learn(TOOL, 0.02);
    costs.learn(TOOL, ms);
    const [least, most] = micros;
    t.ok(costs.micros(TOOL) > least && costs.micros(TOOL) < most, `${ms} ms: ${costs.micros(TOOL)} µs`);
  }
});

test('one slow call does not make a quick tool long, several do', async (t) => {
  const costs = new ToolCosts(1);
  costs.learn(TOOL, 0.01);
  costs.learn(TOOL, 0.5);
  t.equal(costs.isLong(TOOL), false);
  for (let call = 0; call < 10; call++) costs.learn(TOOL, 0.5);
  t.equal(costs.isLong(TOOL), true);
});

test('a tool that has become quick stops being long', async (t) => {
  const costs = new ToolCosts(1);
  costs.learn(TOOL, 100);
  for (let call = 0; call < 100; call++) costs.learn(TOOL, 0.001);
  t.equal(costs.isLong(TOOL), false);
});
