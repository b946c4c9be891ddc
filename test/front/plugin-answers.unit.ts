/**
 * What a caller learns of a plugin that fails: that it failed, and never why; that is for the log.
 */
import tap, { test } from 'tap';
import { callsRunning } from '../support/health.ts';
import { call, dataOf, isError } from '../support/http-call.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer({ settings: { workers: 1 } });
tap.teardown(server.stop);

/** Waits for the line about the failed call: it takes a way of its own. */
async function lineAbout(requestId: string, message: string) {
  for (;;) {
    const line = server.log.find(
      ({ fields, ...other }) => fields.requestId === requestId && other.message === message,
    );
    if (line !== undefined) return line;
    await new Promise(setImmediate);
  }
}

for (const [tool, what] of [
  ['throws', 'throws'],
  ['throwsText', 'throws what is no error'],
  ['rejects', 'rejects'],
  ['rejectsNothing', 'rejects with nothing'],
  ['throwsLate', 'throws in a timer'],
] as const) {
  test(`a plugin that ${what} gets its caller a 500 without the reason, and the reason into the log`, async (t) => {
    const answer = await call(server, `faulty/${tool}`, {}, { headers: { 'X-Request-Id': tool } });
    isError(t, answer, 'PLUGIN_FAULT');
    t.notMatch(answer.body, /secret|index\.ts/);
    const { level, fields } = await lineAbout(tool, 'the plugin threw');
    t.match({ level, fields }, { level: 'error', fields: { plugin: 'faulty', tool } });
    if (tool !== 'rejectsNothing') t.match(JSON.stringify(fields.error), /secret of the plugin/);
  });
}

for (const [tool, what] of [
  ['returnsNothing', 'nothing'],
  ['returnsArray', 'an array'],
  ['returnsWrong', 'what its schema does not allow'],
  ['returnsBigInt', 'a BigInt'],
  ['returnsCycle', 'a cycle'],
] as const) {
  test(`a plugin that answers ${what} gets its caller a 500, and the reason into the log`, async (t) => {
    const answer = await call(server, `faulty/${tool}`, {}, { headers: { 'X-Request-Id': tool } });
    isError(t, answer, 'BAD_OUTPUT');
    const { level, fields } = await lineAbout(tool, 'the plugin gave a wrong answer');
    t.match({ level, fields }, { level: 'error', fields: { plugin: 'faulty', tool, error: /^the answer / } });
  });
}

test('a function in an answer is left out, as JSON does', async (t) => {
  t.same(dataOf(await call(server, 'faulty/returnsFunction', {})), { text: 'fine' });
});

test('an Error that is returned is an answer for the model to read', async (t) => {
  for (const [tool, message] of [
    ['returnsError', 'The city is not known; try its English name.'],
    ['resolvesToError', 'No such order.'],
  ] as const) {
    const { status, headers, body } = await call(server, `faulty/${tool}`, {});
    t.equal(status, 200);
    t.strictSame(JSON.parse(body), {
      status: 'error',
      message,
      request_id: headers.get('x-request-id'),
    });
    t.equal(headers.get('access-control-allow-origin'), '*');
  }
});

test('a throw after the answer changes nothing for anybody', async (t) => {
  t.same(dataOf(await call(server, 'faulty/throwsAfterwards', {})), { text: 'fine' });
  while (!server.log.some(({ message }) => message.includes('after its call was answered'))) {
    t.same(dataOf(await call(server, 'echo', {})), {});
  }
});

test('every call of a thread that ends gets a 502, and the next one is served', async (t) => {
  const others = [1, 2, 3].map((number) => call(server, 'reply/later', { text: `${number}`, ms: 5_000 }));
  await callsRunning(server, 3);
  isError(t, await call(server, 'faulty/exits', {}), 'WORKER_DIED');
  for (const answer of await Promise.all(others)) isError(t, answer, 'WORKER_DIED');
  t.same(dataOf(await call(server, 'echo', { a: 1 })), { a: 1 });
});
