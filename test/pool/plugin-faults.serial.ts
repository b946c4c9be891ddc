import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { type Answer, call, inTime, metricsOf, until, untilWhole } from '../support/calls.ts';
import { startTestServer } from '../support/server.ts';

/** The deadline of the call that never settles, and of all others, in ms. */
const TIMEOUT = 400;
const FAR = 10_000;
const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/calls', import.meta.url)),
  settings: {
    // Calls that never settle are all taken, and all late.
    startBudgetMs: 0,
    breaker: false,
    pluginSettings: { faulty: { timeoutMs: FAR, tools: { 'never-settles': { timeoutMs: TIMEOUT } } } },
  },
});

/** Makes the fault happen in the middle of other calls; none of them may notice. */
async function provoke(t: Test, tool: string): Promise<Answer> {
  const texts = Array.from({ length: 8 }, (_, n) => `${tool} ${n}`);
  const beside = texts.map((text) => call(server, 'steady/hold', { text, ms: 100 }));
  const answer = await call(server, `faulty/${tool}`, {}, { headers: { 'X-Request-Id': `id-of-${tool}` } });
  for (const [n, other] of (await Promise.all(beside)).entries()) {
    if (other.status !== 200 || JSON.stringify(other.body).includes(`"text":"${texts[n]}"`) === false) {
      t.fail('a call beside the fault was hurt', { answer: other });
    }
  }
  t.notMatch(JSON.stringify(answer.body), /secret|\.ts|at /, 'the caller sees nothing of the inside');
  return answer;
}

/** The log line that tells the plugin's owner, by the request id. */
const lineOf = (tool: string) =>
  server.log.find(
    ({ fields }) =>
      fields.requestId === `id-of-${tool}` && fields.plugin !== undefined && fields.error !== undefined,
  );

const FAULT = (tool: string): object => ({
  status: 500,
  body: { status: 'error', code: 'PLUGIN_FAULT', message: /^The plugin failed/, request_id: `id-of-${tool}` },
});

for (const tool of ['throws', 'rejects', 'throws-nothing', 'returns-bad-thenable']) {
  test(`a tool that ${tool.replaceAll('-', ' ')} is answered with 500, and the log has the reason`, async (t) => {
    t.match(await provoke(t, tool), FAULT(tool));
    await until('the line is there', () => lineOf(tool) !== undefined);
    t.match(lineOf(tool), {
      level: 'error',
      message: 'the plugin threw',
      fields: { plugin: 'faulty', tool },
    });
  });
}

for (const tool of ['throws-in-timer', 'rejects-aside']) {
  test(`a call that can never settle since its code ${tool.replaceAll('-', ' ')} is answered at once`, async (t) => {
    const answer = await provoke(t, tool);
    t.match(answer, FAULT(tool));
    t.ok(answer.ms < FAR / 2, 'not only at the deadline');
    await until('the line is there', () => lineOf(tool) !== undefined);
    t.match(lineOf(tool), {
      level: 'error',
      fields: { plugin: 'faulty', tool, error: { stack: /secret: / } },
    });
  });
}

test('an error thrown after the answer changes nothing but the log', async (t) => {
  const tool = 'throws-after-answer';
  t.match(await provoke(t, tool), { status: 200, body: { status: 'success', data: { ok: true } } });
  await until('the line is there', () => lineOf(tool) !== undefined);
  t.match(lineOf(tool), {
    level: 'error',
    message: 'an error was thrown after its call was answered',
    fields: { plugin: 'faulty', tool, error: { message: 'secret: thrown too late' } },
  });
});

for (const [tool, message] of [
  ['returns-error', 'There is no such city.'],
  ['returns-error-later', 'There is no such city either.'],
] as const) {
  test(`a tool that ${tool.replaceAll('-', ' ')} is answered with 200 and its words`, async (t) => {
    t.strictSame((await provoke(t, tool)).body, { status: 'error', message, request_id: `id-of-${tool}` });
  });
}

for (const [tool, reason] of [
  ['returns-wrong-shape', /does not match the output schema: "ok" must be boolean|"secret" is not allowed/],
  ['returns-nothing', /does not match the output schema: The value must be object/],
  ['returns-cycle', /not JSON: .*circular/],
  ['returns-trap', /not JSON: secret: do not look/],
] as const) {
  test(`a tool that ${tool.replaceAll('-', ' ')} is answered with 500, and the log says what is wrong`, async (t) => {
    t.match(await provoke(t, tool), { status: 500, body: { status: 'error', code: 'BAD_OUTPUT' } });
    await until('the line is there', () => lineOf(tool) !== undefined);
    t.match(lineOf(tool), {
      level: 'error',
      message: 'the plugin gave a wrong answer',
      fields: { error: reason },
    });
  });
}

test('a call that never settles and ignores its signal is answered at the deadline', async (t) => {
  const answer = await provoke(t, 'never-settles');
  t.match(answer, { status: 504, body: { status: 'error', code: 'DEADLINE_EXCEEDED' } });
  t.ok(answer.ms >= TIMEOUT - 5, `not before: ${answer.ms} ms`);
  inTime(t, answer, TIMEOUT);
});

test('calls that never settle do not use up the worker', async (t) => {
  // More than both workers may run at once.
  const answers = await Promise.all(Array.from({ length: 70 }, () => call(server, 'faulty/never-settles')));
  t.ok(answers.every(({ status }) => status === 504));
  await untilWhole(server);
  t.match(await provoke(t, 'returns-error'), { status: 200 });
});

test('a flood of printed lines is cut, and the caller is answered', async (t) => {
  t.match(await provoke(t, 'prints'), { status: 200, body: { data: { ok: true } } });
  const printed = server.log.filter(({ fields }) => fields.stream === 'stdout').length;
  t.ok(printed > 0, 'some lines are passed on');
  t.ok(printed <= 400, `${printed} lines of 20000`);
});

test('none of all this has cost a worker', async (t) => {
  await untilWhole(server);
  const metrics = await metricsOf(server);
  t.equal(metrics.get('hotlane_worker_starts_total'), 2);
  t.equal(metrics.get('hotlane_worker_crashes_total'), 0);
  t.equal(metrics.get('hotlane_worker_terminations_total'), 0);
  t.equal(metrics.get('hotlane_calls_total{plugin="faulty",tool="throws",outcome="plugin_fault"}'), 1);
  t.equal(metrics.get('hotlane_calls_total{plugin="faulty",tool="returns-error",outcome="tool_error"}'), 2);
  t.equal(metrics.get('hotlane_calls_total{plugin="faulty",tool="returns-cycle",outcome="bad_output"}'), 1);
});

test('the server stops in order', async () => {
  await server.stop();
});
