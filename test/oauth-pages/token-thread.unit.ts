/** The token thread and its end: every question is answered. */
import { test } from 'tap';
import type { TokenThreadData } from '../../src/oauth/thread/messages.ts';
import { TokenThread } from '../../src/oauth/thread/token-thread.ts';
import { until } from '../support/calls.ts';
import { ownFolder } from '../support/own-folder.ts';
import { memoryLog, type ServerLine } from '../support/server.ts';

const KEYS = `k1:${Buffer.alloc(32, 'TOPSECRET').toString('base64')}`;

function data(stateDir: string, tokenKeys = KEYS): { settings: TokenThreadData['settings'] } {
  return {
    settings: {
      region: 'com',
      clientId: 'client-1',
      clientSecret: 'TOPSECRET-client',
      redirectUri: 'https://plugins.example.com/oauth/coze/callback',
      tokenKeys,
      stateDir,
      redisUrl: undefined,
      webUrl: undefined,
      apiUrl: 'http://127.0.0.1:9',
    },
  };
}

test('questions are answered by the service behind the thread', async (t) => {
  const lines: ServerLine[] = [];
  const tokens = new TokenThread(data(ownFolder(t)), memoryLog(lines));
  t.teardown(() => tokens.close());
  await tokens.started;
  const begun = await tokens.begin('1', 'a'.repeat(43));
  t.match(begun, { kind: 'begun', url: /^https:\/\/www\.coze\.com\/api\/permission\/oauth2\/authorize\?/ });
  t.match(await tokens.finish({ state: 'x', code: 'c', session: 's' }), {
    kind: 'refused',
    code: 'STATE_UNKNOWN',
  });
  t.match(await tokens.token('1'), { kind: 'consent-required' });
  const [last, late] = [tokens.token('1'), (await tokens.close(), tokens.token('1'))];
  t.match(await last, { kind: 'consent-required' }, 'asked before the end');
  t.match(await late, { kind: 'unavailable' }, 'asked after it');
  t.match(await tokens.begin('1', 's'), { kind: 'unavailable', code: 'CLOSED' });
  t.strictSame(lines, []);
});

test('a thread that ends is started again, and nobody waits for its answers', async (t) => {
  const lines: ServerLine[] = [];
  // It cannot start with these; the next thread is started with what stands there by then.
  const given = data(ownFolder(t), 'TOPSECRET');
  const tokens = new TokenThread(given, memoryLog(lines));
  t.teardown(() => tokens.close());
  const asked = tokens.begin('1', 's');
  await t.rejects(tokens.started, { setting: 'cozeTokenKeys', message: /<id>/ });
  t.match(await asked, { kind: 'unavailable', code: 'THREAD_ENDED' }, 'open when it ended');
  t.match(await tokens.token('1'), { kind: 'unavailable' }, 'asked while there is none');
  await until('it is started again, later each time', () => lines.length === 2);
  given.settings = { ...given.settings, tokenKeys: KEYS };
  await until('it answers', async () => (await tokens.token('1')).kind === 'consent-required');
  t.match(lines[0], { level: 'error', message: /started again in 100 ms/, fields: { reason: /<id>/ } });
  t.match(lines[1], { level: 'error', message: /started again in 200 ms/ });
  t.notMatch(JSON.stringify(lines), 'TOPSECRET');
});

test('a thread that is on its way down is not started again by the end of the server', async (t) => {
  const lines: ServerLine[] = [];
  const tokens = new TokenThread(data(ownFolder(t), 'bad'), memoryLog(lines));
  await until('it has ended', () => lines.length === 1);
  await tokens.close();
  await tokens.close();
  t.match(await tokens.token('1'), { kind: 'unavailable' });
  t.equal(lines.length, 1);
});

test('a store that cannot be used is told at once', async (t) => {
  const lines: ServerLine[] = [];
  const folder = ownFolder(t, { 'oauth.db': 'this is no database, however long one looks at it' });
  const tokens = new TokenThread(data(folder), memoryLog(lines));
  t.teardown(() => tokens.close());
  await until('it is told', () => lines.length > 0);
  t.match(lines, [{ level: 'warn', fields: { code: 'STORE_CORRUPT' } }]);
  t.match(await tokens.begin('1', 's'), { kind: 'unavailable', code: 'STORE_CORRUPT' });
});
