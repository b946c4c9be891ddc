import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { call, metricsOf, untilWhole } from '../support/calls.ts';
import { startTestServer } from '../support/server.ts';

const WORKERS = 2;
const CONCURRENCY = 3;

test('never more calls run at once than workers times concurrency, and as many as that do', async (t) => {
  const server = await startTestServer({
    plugins: fileURLToPath(new URL('../fixtures/faults/calls', import.meta.url)),
    settings: { workers: WORKERS, concurrency: CONCURRENCY },
  });
  t.teardown(server.stop);
  await untilWhole(server);
  const calls = Array.from({ length: 60 }, (_, n) => call(server, 'steady/hold', { text: `${n}`, ms: 40 }));
  const answers = await Promise.all(calls);
  for (const [n, { body }] of answers.entries()) {
    if (!JSON.stringify(body).includes(`"text":"${n}"`)) t.fail(`call ${n} got ${JSON.stringify(body)}`);
  }
  const reports = answers.map(
    ({ body }) => body.data as { readonly thread: number; readonly together: number },
  );
  const most = Map.groupBy(reports, ({ thread }) => thread);
  t.equal(most.size, WORKERS);
  for (const [thread, own] of most) {
    t.equal(Math.max(...own.map(({ together }) => together)), CONCURRENCY, `thread ${thread}`);
  }
  const metrics = await metricsOf(server);
  t.equal(metrics.get('hotlane_calls_total{plugin="steady",tool="hold",outcome="success"}'), 60);
});
