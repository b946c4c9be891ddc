/** `ctx.coze` in this thread: tokens as the main thread would give them, and a real service in Coze's place. */
import { createSecretKey } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { type Test, test } from 'tap';
import type { CozeClient } from '../../src/plugin/plugin.ts';
import { readConsentLink } from '../../src/wire/consent-link.ts';
import type { TokenAnswer } from '../../src/wire/coze-token.ts';
import { apiUrl } from '../../workers/coze/api-url.ts';
import { CozeService } from '../../workers/coze/coze-service.ts';
import { Outbound, PluginOutbound } from '../../workers/outbound/outbound.ts';
import { createWorkerLog } from '../../workers/worker-log.ts';
import { startUpstream, type TestUpstream } from '../support/upstream.ts';

const KEY = createSecretKey(Buffer.alloc(32, 'k'));
const OVER = new DOMException('The call is over', 'AbortError');

interface Bench {
  readonly coze: CozeService;
  /** Users asked for, in order; each is answered with `answers` in turn, the last one for ever. */
  readonly asked: readonly string[];
  /** A call of this user; `end` is what happens when it ends. */
  readonly call: (user?: string) => {
    readonly client: CozeClient;
    readonly abort: (reason: unknown) => void;
    readonly signal: AbortSignal;
  };
}

const token = (value: string, lifeMs = 900_000): TokenAnswer => ({
  kind: 'token',
  value,
  expiresAt: Date.now() + lifeMs,
});

function start(
  t: Test,
  url: string,
  answers: readonly (TokenAnswer | 'none')[],
  hosts: readonly string[] | undefined = [],
): Bench {
  const asked: string[] = [];
  const log = createWorkerLog({ postMessage: () => undefined }, 'error');
  const outbound = new Outbound(
    { connectionsPerHost: 4, idleMs: 30_000, circuit: undefined },
    () => undefined,
    log,
  );
  t.teardown(() => outbound.close());
  const consent = { page: 'https://plugins.example.com/oauth/coze/authorize', key: KEY };
  const coze: CozeService = new CozeService({ apiUrl: url, consent }, (question, user) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(user);
    if (answer !== undefined && answer !== 'none') setImmediate(() => coze.receive(question, answer));
  });
  const policy = { hosts, identity: false };
  const access = coze.accessFor(outbound, 'account', policy);
  return {
    coze,
    asked,
    call(user = '1') {
      const caller = {
        requestId: 'r-1',
        traceparent: undefined,
        traceId: undefined,
        userId: user === '' ? undefined : user,
        botId: 'bot',
        conversationId: undefined,
      };
      const fetches = new PluginOutbound(outbound, 'account', policy).fetchesOf(caller);
      const controller = new AbortController();
      t.teardown(() => fetches.end(OVER));
      return {
        client: access.clientOf({ userId: caller.userId, signal: controller.signal }, fetches),
        signal: controller.signal,
        abort(reason) {
          controller.abort(reason);
          fetches.end(reason);
        },
      };
    },
  };
}

const sent = ({ requests }: TestUpstream): readonly (string | undefined)[] =>
  requests.map(({ headers }) => headers.authorization);

test('whatever the path, the token goes below the API’s address', async (t) => {
  for (const base of ['https://api.coze.com', 'http://127.0.0.1:8080/coze/v1']) {
    const top = new URL(base);
    const piece = fc.oneof(
      fc.constantFrom(
        '/',
        '//',
        '\\',
        '@',
        ':',
        '..',
        '.',
        '%2e%2e',
        '?',
        '#',
        '\t',
        '\n',
        'evil.com',
        'https:',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = pieces.join('');
        let url: URL;
        try {
          url = apiUrl(base, path);
        } catch {
          return;
        }
        const folder = top.pathname === '/' ? '/' : `${top.pathname}/`;
        if (url.origin !== top.origin || url.username !== '' || !url.pathname.startsWith(folder))
          throw new Error(`${path} leads to ${url.href}`);
      }),
      { numRuns: 500 },
    );
  }
  t.equal(apiUrl('https://api.coze.com', '/v1/bots?page=2').href, 'https://api.coze.com/v1/bots?page=2');
  t.equal(apiUrl('http://h/a', '/b/../c').href, 'http://h/a/c');
  const elsewhere = ['http://e/', '//e', '/\\e', '@e', '', 'v1', '?a'];
  for (const path of elsewhere) t.throws(() => apiUrl('https://api.coze.com', path), TypeError, path);
  t.throws(() => apiUrl('http://h/a', '/../b'), /takes a path below http:\/\/h\/a such as \/v1\/bots, not "/);
});

test('calls of one user share a question and its answer for a moment', async (t) => {
  const service = await startUpstream(t, (_, response) => response.end('{}'));
  const { call, asked } = start(t, service.url, [token('t-1')]);
  await Promise.all([call().client.fetch('/a'), call().client.fetch('/b'), call('2').client.fetch('/c')]);
  await call().client.fetch('/d');
  t.strictSame(asked, ['1', '2']);
  t.strictSame(
    sent(service),
    Array.from({ length: 4 }, () => 'Bearer t-1'),
  );
  t.match(service.requests[0]?.headers, {
    'x-coze-user-id': '1',
    'x-coze-bot-id': 'bot',
    'x-request-id': 'r-1',
  });
});

test('a token that ends soon is used once and not kept', async (t) => {
  const service = await startUpstream(t, (_, response) => response.end('{}'));
  const { call, asked } = start(t, service.url, [token('t-1', 8000)]);
  for (const path of ['/a', '/b']) t.equal((await call().client.fetch(path)).status, 200);
  t.equal(asked.length, 2);
});

test('a token that Coze refuses is asked for anew, once', async (t) => {
  const service = await startUpstream(t, (request, response) => {
    response.writeHead(request.headers.authorization === 'Bearer t-2' ? 200 : 401).end('{}');
  });
  const first = start(t, service.url, [token('t-1'), token('t-2')]);
  const posted = await first.call().client.fetch('/a', { method: 'POST', body: '{"n":1}' });
  t.equal(posted.status, 200, 'the next token is another one');
  t.strictSame(sent(service), ['Bearer t-1', 'Bearer t-2']);

  const same = start(t, service.url, [token('t-1')]);
  t.equal((await same.call().client.fetch('/b')).status, 401, 'the next token is the same one');
  t.equal(sent(service).length, 3, 'which is not sent again');

  const streamed = start(t, service.url, [token('t-1'), token('t-2')]);
  const init: RequestInit = { method: 'POST', body: new Blob(['x']).stream() };
  Object.assign(init, { duplex: 'half' });
  t.equal((await streamed.call().client.fetch('/c', init)).status, 401, 'a stream cannot be sent again');
  t.equal((await streamed.call().client.fetch('/d')).status, 200, 'but the dead token is dropped');
});

test('a redirect to another origin is followed without the token', async (t) => {
  const other = await startUpstream(t, (_, response) => response.end('{}'));
  const service = await startUpstream(t, ({ url }, response) => {
    response.writeHead(307, { Location: url === '/away' ? `${other.url}/there` : '/away' }).end();
  });
  const { call } = start(t, service.url, [token('t-1')], [`127.0.0.1:${other.port}`]);
  t.equal((await call().client.fetch('/home')).status, 200);
  t.strictSame(sent(service), ['Bearer t-1', 'Bearer t-1'], 'within the origin it goes along');
  t.strictSame(sent(other), [undefined]);

  const confined = start(t, service.url, [token('t-1')]);
  await t.rejects(
    confined.call().client.fetch('/away'),
    { code: 'HOST_NOT_ALLOWED' },
    'as far as the plugin may call',
  );
});

test('why there is no token, and where to get one', async (t) => {
  const url = 'http://127.0.0.1:9';
  const required = start(t, url, [{ kind: 'consent-required' }]).call('7').client;
  const error = await required.fetch('/a').catch((thrown: unknown) => Object(thrown));
  t.match(error, { name: 'CozeAuthorizationError', code: 'CONSENT_REQUIRED' });
  for (const link of [error.authorizeUrl, required.authorizeUrl]) {
    const { search } = new URL(String(link));
    t.match(readConsentLink(search.slice(1), [KEY], Date.now()), { kind: 'valid', user: '7' });
  }
  const nobody = start(t, url, []).call('').client;
  t.equal(nobody.authorizeUrl, undefined);
  await t.rejects(nobody.fetch('/a'), { code: 'NO_USER' });
  await t.rejects(
    start(t, url, [{ kind: 'unavailable' }])
      .call()
      .client.fetch('/a'),
    { code: 'UNAVAILABLE' },
  );
  const odd = start(t, url, [token('SECRET\nvalue')])
    .call()
    .client.fetch('/a');
  await t.rejects(odd, { code: 'UNAVAILABLE' }, 'a token no header takes');
  t.notMatch(inspect(await odd.catch((thrown: unknown) => thrown)), /SECRET/);
});

test('a call waits for its token no longer than it lives, and leaves nothing behind', async (t) => {
  const { call } = start(t, 'http://127.0.0.1:9', ['none']);
  const { client, abort, signal } = call();
  const own = new AbortController();
  const waiting = [client.fetch('/a'), client.fetch('/b', { signal: own.signal })];
  own.abort(new Error('mine'));
  await t.rejects(Promise.resolve(waiting[1]), /mine/);
  abort(OVER);
  await t.rejects(Promise.resolve(waiting[0]), OVER);
  await t.rejects(client.fetch('/c'), OVER, 'nothing begins any more');
  t.equal(getEventListeners(signal, 'abort').length + getEventListeners(own.signal, 'abort').length, 0);
});

test('nothing that prints the way to Coze shows a token', async (t) => {
  const service = await startUpstream(t, (_, response) => response.end('{}'));
  const { call, coze } = start(t, service.url, [token('SECRET-1')]);
  const { client } = call();
  const response = await client.fetch('/a');
  const seen = inspect([client, coze, response], { depth: 20, showHidden: true });
  t.match(seen, 'TokenDesk');
  t.notMatch(seen, 'SECRET');
});
