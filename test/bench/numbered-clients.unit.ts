import { createServer, type Server } from 'node:http';
import { type Test, test } from 'tap';
import { echoCall } from '../../bench/load/call.ts';
import { NumberedClients, type NumberedReport } from '../../bench/load/numbered-clients.ts';

type Answer =
  | { readonly kind: 'text'; readonly text: string; readonly version?: string }
  | { readonly kind: 'cut' }
  | { readonly kind: 'none' };

/** What clients report of a server that answers so, after a hundred requests. */
async function reportOf(
  t: Test,
  behaviour: (text: string, served: number) => Answer,
): Promise<NumberedReport> {
  let served = 0;
  const enough = Promise.withResolvers<void>();
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    served += 1;
    if (served === 100) enough.resolve();
    const answer = behaviour(JSON.parse(body).parameters.text, served);
    if (answer.kind === 'cut') request.socket.destroy();
    if (answer.kind !== 'text') return;
    const json = JSON.stringify({ status: 'success', data: { text: answer.text } });
    if (answer.version !== undefined) response.setHeader('X-Plugin-Version', answer.version);
    response.writeHead(200, { 'Content-Length': Buffer.byteLength(json) }).end(json);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const clients = await NumberedClients.start({
    port: address.port,
    call: echoCall,
    clients: 2,
    pauseMs: 0,
    versionFault: (version) => (version === 'old' ? 'an old version' : undefined),
    graceMs: 200,
  });
  await enough.promise;
  return clients.stop();
}

test('right answers have no faults, and every request is counted', async (t) => {
  const texts = new Set<string>();
  const report = await reportOf(t, (text) => {
    texts.add(text);
    return { kind: 'text', text };
  });
  t.same(report.faults, {});
  t.equal(report.reconnects, 0);
  t.equal(texts.size, report.requests, 'no two requests carry the same number');
});

test("an answer to another's request is a fault", async (t) => {
  let last = '';
  const { faults } = await reportOf(t, (text, served) => {
    const own = { kind: 'text', text: served === 50 ? last : text } as const;
    last = text;
    return own;
  });
  t.same(faults, { 'wrong data.text': 1 });
});

test('an answer of a version that should not answer is a fault', async (t) => {
  const { faults } = await reportOf(t, (text, served) => ({
    kind: 'text',
    text,
    version: served === 50 ? 'old' : 'new',
  }));
  t.same(faults, { 'an old version': 1 });
});

test('a connection that is cut loses its request, and is opened anew', async (t) => {
  const { faults, reconnects } = await reportOf(t, (text, served) =>
    served === 50 ? { kind: 'cut' } : { kind: 'text', text },
  );
  t.same(faults, { 'connection closed': 1 });
  t.equal(reconnects, 1);
});

test('a request that is never answered is lost', async (t) => {
  const { faults } = await reportOf(t, (text, served) =>
    served === 50 ? { kind: 'none' } : { kind: 'text', text },
  );
  t.same(faults, { 'no answer': 1 });
});
