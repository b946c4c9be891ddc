import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { callContext, initContext, type LogLine } from '../../test/support/call-context.ts';
import { plainNode } from '../../test/support/plain-node.ts';
import plugin from './index.ts';
import { upstreamUrl } from './upstream.ts';

const { current } = plugin.tools;
const script = fileURLToPath(new URL('../../scripts/weather-upstream.ts', import.meta.url));

/** Starts the local upstream on a free port; the test's end stops it. */
async function startUpstream(t: Test): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(...plainNode(script, '--port', '0'), { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [url] = await once(createInterface(child.stdout), 'line');
  return { url: String(url), child };
}

/** A service that answers as the listener says, its base URL set as the plugin's upstream. */
async function pretendUpstream(t: Test, listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  await plugin.init?.(initContext({ upstream: `http://127.0.0.1:${address.port}/base/` }));
}

test('a city is known by its Chinese and its English name, in both unit systems', async (t) => {
  const { url } = await startUpstream(t);
  await plugin.init?.(initContext({ upstream: url }));
  const beijing = {
    city: 'Beijing',
    condition: 'rain',
    temperature: 11.5,
    temperature_unit: 'C',
    humidity_percent: 34,
    wind_speed: 11.2,
    wind_unit: 'm/s',
  };
  for (const city of ['北京', '北京市', 'Beijing', ' BEIJING ']) {
    t.same(await current.execute({ city }, callContext()), beijing, city);
  }
  t.same(await current.execute({ city: 'Beijing', units: 'imperial' }, callContext()), {
    ...beijing,
    temperature: 52.7,
    temperature_unit: 'F',
    wind_speed: 25.1,
    wind_unit: 'mph',
  });
});

test('an unknown city is an error to read', async (t) => {
  const { url } = await startUpstream(t);
  await plugin.init?.(initContext({ upstream: url }));
  for (const city of ['Atlantis', 'a&city=Beijing', '../x', '%']) {
    const answer = await current.execute({ city }, callContext());
    t.match(answer, { message: `No weather is known for ${city}.` }, city);
    t.type(answer, Error);
  }
});

test('the local upstream ends cleanly on SIGINT and SIGTERM, with a connection open', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const { url, child } = await startUpstream(t);
    t.equal((await fetch(`${url}/v1/current?city=Paris`)).status, 200);
    child.kill(signal);
    t.strictSame(await once(child, 'exit'), [0, null], signal);
  }
});

test('the local upstream refuses what is not a port', async (t) => {
  const child = spawn(...plainNode(script, '--port', '70000'), { stdio: 'ignore' });
  t.strictSame(await once(child, 'exit'), [2, null]);
});

test('each way the service can fail is told to the model and logged', async (t) => {
  const cases: [told: string, listener: RequestListener][] = [
    ['it answered with status 503', (_, response) => response.writeHead(503).end('<html>')],
    ['it answered with status 404', (_, response) => response.writeHead(404).end('{"error":"not_found"}')],
    ['its answer is not JSON', (_, response) => response.end('<html>')],
    ['its answer has an unexpected form', (_, response) => response.end('{"city":"Paris"}')],
    ['its answer has an unexpected form', (_, response) => response.end('null')],
    ['it cannot be reached', (_, response) => response.destroy()],
    ['it cannot be reached', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
  ];
  for (const [told, listener] of cases) {
    await pretendUpstream(t, listener);
    const logged: LogLine[] = [];
    const answer = await current.execute({ city: 'Paris' }, callContext({ logged }));
    t.type(answer, Error);
    t.match(answer, { message: `The weather service failed: ${told}. Try again later.` });
    t.match(logged, [{ level: 'warn', message: 'weather service failed', fields: { reason: told } }]);
  }
});

test('a service that is not asked is told to the model, with the reason in the log', async (t) => {
  await pretendUpstream(t, (_, response) => response.end());
  const logged: LogLine[] = [];
  const ctx = callContext({ logged });
  const refusal = Object.assign(new Error('it is tried again in 8 s'), { name: 'OutboundError' });
  const answer = await current.execute({ city: 'Paris' }, { ...ctx, fetch: () => Promise.reject(refusal) });
  t.match(answer, { message: 'The weather service failed: it is not asked for now. Try again later.' });
  t.match(logged, [{ fields: { detail: 'it is tried again in 8 s' } }]);
});

test('a service that stops in the middle of its answer is given up at the time limit', async (t) => {
  await pretendUpstream(t, (_, response) => response.write('{"city":'));
  const answer = await current.execute({ city: 'Paris' }, callContext());
  t.match(answer, { message: /did not answer within 3 seconds/ });
});

test('when nobody waits any more the request to the service is dropped', async (t) => {
  const gone = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await pretendUpstream(t, (_, response) => {
    response.once('close', () => gone.resolve());
    asked.resolve();
  });
  const caller = new AbortController();
  const reason = new Error('client gone');
  const answer = t.rejects(
    async () => current.execute({ city: 'Paris' }, callContext({ signal: caller.signal })),
    reason,
  );
  await asked.promise;
  caller.abort(reason);
  await answer;
  await gone.promise;
});

test('the base URL may have a path of its own', async (t) => {
  const asked = Promise.withResolvers<string>();
  await pretendUpstream(t, (request, response) => {
    asked.resolve(request.url ?? '');
    response.writeHead(404).end('{"error":"unknown_city"}');
  });
  await current.execute({ city: '北京' }, callContext());
  t.equal(await asked.promise, '/base/v1/current?city=%E5%8C%97%E4%BA%AC');
});

test('the configuration comes before the environment, and both must be an http URL', async (t) => {
  t.equal(
    upstreamUrl('https://weather.example/api', 'http://other.example').href,
    'https://weather.example/api',
  );
  t.equal(upstreamUrl(undefined, 'http://other.example').href, 'http://other.example/');
  t.equal(upstreamUrl(undefined, undefined).href, 'http://127.0.0.1:9081/');
  for (const wrong of ['', 'weather.example', 'file:///etc/passwd', 42]) {
    t.throws(() => upstreamUrl(wrong, undefined), /must be an http\(s\) URL/, String(wrong));
  }
});
