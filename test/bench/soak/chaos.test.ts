import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Test, test } from 'tap';
import type { Ending } from '../../../bench/load/line.ts';
import { leaveNothingBehind } from '../../../bench/process/leave-nothing-behind.ts';
import { type ChaosFacts, judgeChaos } from '../../../bench/soak/chaos/chaos-figures.ts';
import { chaosLines } from '../../../bench/soak/chaos/chaos-report.ts';
import { ClientSocket } from '../../../bench/soak/chaos/client-socket.ts';
import { faults } from '../../../bench/soak/chaos/faults.ts';
import { neighbours } from '../../../bench/soak/chaos/flooder.ts';
import { judgeCall } from '../../../bench/soak/chaos/judge-call.ts';
import { Ledger } from '../../../bench/soak/chaos/ledger.ts';
import { ask, type Called } from '../../../bench/soak/chaos/question.ts';
import { runChaos } from '../../../bench/soak/chaos/run-chaos.ts';
import { ServerMetrics } from '../../../bench/soak/chaos/server-metrics.ts';
import { big, io, lookup, wellBehaved } from '../../../bench/soak/chaos/well-behaved.ts';
import { PluginFile } from '../../../bench/soak/plugin-file.ts';
import { ownFolder } from '../../support/own-folder.ts';

leaveNothingBehind();

const question = ask(io, 7);

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Ending {
  const lines = Object.entries({ 'X-Request-Id': question.requestId, ...headers });
  return {
    kind: 'answer',
    status,
    head: `HTTP/1.1 ${status} X${lines.map(([name, value]) => `\r\n${name}: ${value}`).join('')}`,
    body: Buffer.from(JSON.stringify(body)),
  };
}

const version = { 'X-Plugin-Version': '1.0.1@aa' };
const right = { text: question.text, version: '1.0.1', ...io.expected(question.seed, question.text) };

function verdictOn(ending: Ending, elapsedMs = 100): string {
  const { outcome, detail } = judgeCall(question, ending, elapsedMs, (named) => named === '1.0.1');
  return detail === '' ? outcome : `${outcome}: ${detail}`;
}

test('an answer counts as right only when it is the one to its request', async (t) => {
  t.equal(verdictOn(answer(200, { data: right }, version)), 'right');
  t.match(verdictOn(answer(200, { data: right }, { ...version, 'X-Request-Id': 'chaos-8' })), /^crossed/);
  t.match(verdictOn(answer(200, { data: { ...right, text: '8.8.' } }, version)), /^crossed/);
  t.equal(verdictOn(answer(200, { data: { ...right, digest: 'x' } }, version)), 'wrong: wrong data.digest');
  const bad = answer(200, { data: { ...right, version: '1.0.2' } }, { 'X-Plugin-Version': '1.0.2@bb' });
  t.equal(verdictOn(bad), 'wrong: version 1.0.2 answered, which is not good');
  t.equal(verdictOn({ kind: 'broken', reason: 'connection closed' }), 'lost: connection closed');
});

test('a failure counts as one that the request could get, or as wrong', async (t) => {
  t.equal(verdictOn(answer(502, { code: 'WORKER_DIED' })), 'died');
  t.equal(verdictOn(answer(503, { code: 'QUEUE_FULL' }, { 'Retry-After': '1' })), 'refused: QUEUE_FULL');
  t.match(verdictOn(answer(503, { code: 'QUEUE_FULL' })), /^wrong/, 'no Retry-After');
  t.match(verdictOn(answer(503, { code: 'PLUGIN_INACTIVE' }, { 'Retry-After': '1' })), /^wrong/);
  t.equal(verdictOn(answer(504, { code: 'DEADLINE_EXCEEDED' }), 10_003), 'late');
  t.equal(verdictOn(answer(504, { code: 'DEADLINE_EXCEEDED' }), 9000), 'wrong: 504 after 9000 of 10000 ms');
  t.equal(verdictOn(answer(500, { code: 'PLUGIN_FAULT' }, version)), 'wrong: it failed, which it cannot');
  t.match(verdictOn(answer(404, { code: 'UNKNOWN_PLUGIN' })), /^wrong/);
});

test('long texts come in many lengths up to the largest body', async (t) => {
  const lengths = Array.from({ length: 8 }, (_, number) => ask(big, number).bytes);
  const bodies = lengths.map((bytes) => bytes.length - bytes.indexOf('\r\n\r\n') - 4);
  t.ok(bodies.every((length) => length <= 2 ** 20));
  t.ok(Math.max(...bodies) > 2 ** 20 - 64);
  t.ok(new Set(bodies).size > 4);
});

test('every plugin of the chaos loads, and those that behave do their work', async (t) => {
  const folder = ownFolder(t, {});
  const load = async (plugin: Called) => {
    new PluginFile(plugin, folder).save('good');
    return import(pathToFileURL(join(folder, plugin.name, 'index.ts')).href);
  };
  for (const plugin of [...faults, ...neighbours]) {
    const { default: made } = await load(plugin);
    t.type(made.tools[plugin.name].execute, 'function', plugin.name);
  }
  for (const plugin of wellBehaved) {
    const { default: made } = await load(plugin);
    const tool = made.tools[plugin.name];
    t.match(await tool.execute({ text: 'a', seed: 7 }), { text: 'a', ...plugin.expected(7, 'a') });
    t.equal(tool.idempotent, plugin.isIdempotent);
  }
});

test('metrics are summed over their labels, and quantiles drawn through their buckets', async (t) => {
  const metrics = new ServerMetrics(
    [
      '# HELP workers Threads.',
      'workers{state="serving",note="a \\"b\\""} 2',
      'workers{state="terminating"} 1',
      'wait_bucket{le="0.1"} 10',
      'wait_bucket{le="0.2"} 20',
      'wait_bucket{le="+Inf"} 20',
      'wait_count 20',
      'empty_bucket{le="+Inf"} 0',
    ].join('\n'),
  );
  t.equal(metrics.total('workers'), 3);
  t.equal(metrics.total('workers', { state: 'terminating' }), 1);
  t.equal(metrics.total('workers', { state: 'draining' }), 0);
  t.equal(metrics.total('nothing'), undefined);
  t.ok(Math.abs((metrics.quantile('wait', 0.95) ?? 0) - 0.19) < 1e-9);
  t.equal(metrics.quantile('empty', 0.95), undefined);
});

/** A server that does with each connection what it is told. */
async function listen(t: Test, serve: (socket: Socket) => void): Promise<number> {
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a client hears of bytes that nobody asked for, and of an answer that does not come', async (t) => {
  const port = await listen(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  const stray = Promise.withResolvers<void>();
  const idle = await ClientSocket.open(port, stray.resolve);
  await stray.promise;
  t.notOk(idle.isOpen);
  const silent = await listen(t, () => undefined);
  const client = await ClientSocket.open(silent, () => t.fail('nothing was sent'));
  t.same(await client.expect(50), { kind: 'broken', reason: 'no answer within 50 ms' });
});

test('a client that reads slowly gets the whole answer', async (t) => {
  const body = 'x'.repeat(300_000);
  const port = await listen(t, (socket) => {
    socket.once('data', () =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    );
  });
  const client = await ClientSocket.open(port, () => t.fail('nobody had asked'));
  const answered = client.expect(5000);
  client.write(Buffer.from('?'));
  client.readSlowly(5);
  const ending = await answered;
  client.leave();
  t.equal(ending.kind === 'answer' && ending.body.toString(), body);
});

function factsOf(ledger: Ledger, changed: Partial<ChaosFacts> = {}): ChaosFacts {
  return {
    seed: 1,
    minutes: 1,
    ledger,
    injected: {},
    floods: 0,
    saves: {},
    stuck: undefined,
    resources: [],
    aftermath: { held: { slots: 0 }, workersLost: 2, replacementP95Ms: 100 },
    hasDied: false,
    concurrency: 32,
    ...changed,
  };
}

/** Calls that ended well, one that died with its worker, one that came at its deadline. */
function ordinaryRun(): Ledger {
  const ledger = new Ledger();
  const tell = (outcome: 'right' | 'died' | 'late') =>
    ledger.ended(ledger.asked(io), question, { outcome, detail: '' }, 10_005);
  for (let call = 0; call < 10_000; call += 1) tell('right');
  tell('died');
  tell('late');
  ledger.ended(ledger.asked(lookup), ask(lookup, 1), { outcome: 'right', detail: '' }, 20);
  return ledger;
}

test('a run passes only when every figure was measured and keeps its bound', async (t) => {
  t.ok(judgeChaos(factsOf(ordinaryRun())).passed);
  const aftermath = { held: { slots: 0 }, workersLost: 2, replacementP95Ms: undefined };
  t.notOk(judgeChaos(factsOf(ordinaryRun(), { aftermath })).passed, 'no replacement was measured');
  t.notOk(judgeChaos(factsOf(ordinaryRun(), { aftermath: { ...aftermath, held: { slots: 1 } } })).passed);
  t.notOk(judgeChaos(factsOf(ordinaryRun(), { hasDied: true })).passed);
  t.notOk(judgeChaos(factsOf(ordinaryRun(), { stuck: 'a save' })).passed);
  const crossed = ordinaryRun();
  crossed.ended(crossed.asked(io), question, { outcome: 'crossed', detail: 'x' }, 1);
  t.notOk(judgeChaos(factsOf(crossed)).passed);
  const stray = ordinaryRun();
  stray.fault('bytes that nobody asked for');
  t.notOk(judgeChaos(factsOf(stray)).passed);
  const refused = ordinaryRun();
  for (let call = 0; call < 11; call += 1) {
    refused.ended(refused.asked(io), question, { outcome: 'refused', detail: 'QUEUE_FULL' }, 1);
  }
  t.notOk(judgeChaos(factsOf(refused)).passed, 'eleven of ten thousand were refused');
});

test('some seconds of chaos: nothing is lost, wrong or crossed, and the process lives', async (t) => {
  const report = await runChaos({ minutes: 3 / 60, seed: 20, faultEveryMs: 250 });
  t.comment(chaosLines(report).join('\n'));
  t.same(report.faults, {}, 'no call was lost, crossed or wrong');
  t.equal(report.stuck, undefined, 'every save came to an end');
  t.notOk(report.hasDied);
  const held = Object.entries(report.aftermath?.held ?? { 'the server': 1 });
  t.same(
    held.filter(([, count]) => count !== 0),
    [],
    'nothing is held at the end',
  );
  const kinds = Object.values(report.kinds);
  t.ok(
    kinds.some(({ outcomes }) => outcomes.right),
    'calls were answered',
  );
  t.ok(
    kinds.some(({ left }) => left),
    'clients left',
  );
  // Which calls were caught by that is chance.
  t.ok((report.aftermath?.workersLost ?? 0) > 0, 'workers were lost');
});
