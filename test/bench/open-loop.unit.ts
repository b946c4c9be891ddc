import { createServer, type Server } from 'node:http';
import { type Test, test } from 'tap';
import { echoCall } from '../../bench/load/call.ts';
import { Histogram } from '../../bench/load/histogram.ts';
import {
  type OpenLoopOrder,
  type OpenLoopReport,
  runOpenLoop,
  ticksPerMs,
} from '../../bench/load/open-loop.ts';

/** How a test server answers: the echoed text and when. */
type Behaviour = (text: string, serveNumber: number) => { status: number; text: string; afterMs: number };

async function listening(behaviour: Behaviour): Promise<{ server: Server; port: number }> {
  let served = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    served += 1;
    const { status, text, afterMs } = behaviour(JSON.parse(body).parameters.text, served);
    setTimeout(() => {
      const json = JSON.stringify({ status: 'success', data: { text } });
      response.writeHead(status, { 'content-length': json.length }).end(json);
    }, afterMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

async function run(t: Test, behaviour: Behaviour, order: Partial<OpenLoopOrder>): Promise<OpenLoopReport> {
  const { server, port } = await listening(behaviour);
  t.teardown(() => server.close());
  return await runOpenLoop({
    port,
    call: echoCall,
    connections: 4,
    arrivals: 'constant',
    ratePerSecond: 500,
    warmupMs: 0,
    measureMs: 400,
    seed: 1,
    ...order,
  });
}

test('a stall of the server counts for every request that was planned during it', async (t) => {
  const stalledUntil = performance.now() + 400;
  const report = await run(
    t,
    (text) => ({ status: 200, text, afterMs: Math.max(0, stalledUntil - performance.now()) }),
    {},
  );
  const latency = new Histogram();
  latency.add(report.latency);
  // Four connections: only four requests were on the wire, the others waited for a connection.
  t.equal(latency.count, report.planned);
  t.ok(latency.quantile(0.5) / ticksPerMs > 100, `median ${latency.quantile(0.5) / ticksPerMs} ms`);
  t.ok(report.lateNoConnection > report.planned / 2, `${report.lateNoConnection} of ${report.planned} late`);
  t.same(report.faults, {});
});

test('the warm-up is sent but not measured', async (t) => {
  const report = await run(t, (text) => ({ status: 200, text, afterMs: 0 }), {
    warmupMs: 200,
    measureMs: 200,
  });
  t.equal(report.planned, 100);
  t.equal(report.answered, 100);
});

test('every wrong status is a fault', async (t) => {
  const report = await run(
    t,
    (text, served) => ({ status: served % 10 === 0 ? 503 : 200, text, afterMs: 0 }),
    {},
  );
  t.same(report.faults, { 'status 503': 19 });
});

test("another request's answer is a fault", async (t) => {
  const report = await run(t, () => ({ status: 200, text: 'someone else', afterMs: 0 }), {});
  t.same(Object.keys(report.faults), ['wrong data.text']);
});
