import { test } from 'tap';
import { Unavailable } from '../../src/oauth/unavailable.ts';
import { consent, heldAnswer, MINUTE, newScene, shown, storeAt, withEachStore } from './scene.ts';
import { answer } from './strict-provider.ts';

withEachStore(test, async (each, newPlace) => {
  each.test('a hundred calls at once make one refresh, also over two services of one store', async (t) => {
    const place = newPlace();
    const one = await newScene(t, storeAt(place));
    const other = await newScene(t, storeAt(place), { like: one });
    await consent(one, '1');
    for (let round = 1; round <= 5; round++) {
      one.clock.now += 14.5 * MINUTE;
      const calls = Array.from({ length: 100 }, (_, n) => (n % 2 ? one : other).service.accessToken('1'));
      const tokens = new Set((await Promise.all(calls)).map(shown));
      t.equal(tokens.size, 1);
      t.ok(one.provider.isLive([...tokens].join(' ')));
      t.equal(one.provider.refreshes, round);
    }
  });

  each.test('a caller who leaves ends his waiting, not the refresh', async (t) => {
    const scene = await newScene(t, storeAt(newPlace()));
    const { service, clock } = scene;
    await consent(scene, '1');
    clock.now += 15 * MINUTE;
    const held = heldAnswer(scene, 'TOPSECRET-late');
    const leaving = new AbortController();
    const left = service.accessToken('1', leaving.signal);
    const staying = service.accessToken('1');
    await held.asked;
    leaving.abort();
    t.match(await left, { kind: 'unavailable', code: 'TOO_LATE' });
    held.send();
    t.equal(shown(await staying), 'TOPSECRET-late');
    t.match(
      await service.accessToken('1', leaving.signal),
      { kind: 'token' },
      'a token at hand needs no time',
    );
  });

  each.test('a grant that Coze has ended needs consent, and consent brings it back', async (t) => {
    const scene = await newScene(t, storeAt(newPlace()));
    await consent(scene, '1');
    scene.provider.revokeAll();
    scene.clock.now += 15 * MINUTE;
    t.strictSame(await scene.service.accessToken('1'), { kind: 'consent-required', why: 'ended' });
    const { requests } = scene.provider;
    t.strictSame(await scene.service.accessToken('1'), { kind: 'consent-required', why: 'ended' });
    t.equal(scene.provider.requests, requests, 'Coze is not asked again');
    t.strictSame(await scene.service.status('1'), { kind: 'consent-required', why: 'ended' });
    t.match(await consent(scene, '1'), { kind: 'stored' });
    t.ok(scene.provider.isLive(shown(await scene.service.accessToken('1'))));
  });

  each.test('a forgotten grant is gone, also when it is refreshed at that moment', async (t) => {
    const scene = await newScene(t, storeAt(newPlace()));
    const { service, clock } = scene;
    await consent(scene, '1');
    clock.now += 15 * MINUTE;
    const held = heldAnswer(scene, 'TOPSECRET-x');
    const refreshed = service.accessToken('1');
    await held.asked;
    t.strictSame(await service.forget('1'), { kind: 'forgotten', existed: true });
    held.send();
    t.strictSame(await refreshed, { kind: 'consent-required', why: 'never' });
    t.strictSame(await service.forget('1'), { kind: 'forgotten', existed: false });
  });

  each.test(
    'while Coze fails, the old token serves to its end, and the grant outlives the failure',
    async (t) => {
      const place = newPlace();
      const scene = await newScene(t, storeAt(place));
      await consent(scene, '1');
      const token = shown(await scene.service.accessToken('1'));
      const failures: readonly (readonly [string, (typeof scene.provider)['handler']])[] = [
        ['PROVIDER_FAILED', (response) => response.writeHead(502).end('<html>bad gateway</html>')],
        [
          'PROVIDER_UNREADABLE',
          (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'),
        ],
        [
          'PROVIDER_UNREADABLE',
          (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"acc'),
        ],
        ['PROVIDER_UNREADABLE', (response) => answer(response, 200, { access_token: 'x'.repeat(100_000) })],
        ['PROVIDER_UNREADABLE', (response) => answer(response, 200, {})],
        [
          'PROVIDER_UNREADABLE',
          (response) => response.writeHead(302, { Location: scene.provider.url }).end(),
        ],
        ['PROVIDER_BUSY', (response) => answer(response, 400, { error_code: 'slow_down' })],
        ['PROVIDER_BUSY', (response) => response.writeHead(429).end()],
        ['PROVIDER_REFUSED', (response) => answer(response, 400, { error_code: 'never_heard_of' })],
        ['CLIENT_REFUSED', (response) => answer(response, 401, { error_code: 'invalid_client' })],
        ['PROVIDER_DOWN', (response) => response.destroy()],
        ['PROVIDER_SLOW', () => undefined],
      ];
      scene.clock.now += 14.5 * MINUTE;
      for (const [index, [code, handler]] of failures.entries()) {
        scene.provider.handler = handler;
        // A service of its own: after a failure the provider is left alone for a second.
        const options = { like: scene, timing: code === 'PROVIDER_SLOW' ? { requestMs: 100 } : {} };
        const { service } = await newScene(t, storeAt(place), options);
        t.equal(shown(await service.accessToken('1')), token, `${index}: ${code}, the old token`);
        scene.clock.now += MINUTE;
        const over = await newScene(t, storeAt(place), options);
        t.match(await over.service.accessToken('1'), { kind: 'unavailable', code }, `${index}: ${code}`);
        scene.clock.now -= MINUTE;
      }
      const gone = await newScene(t, storeAt(place), { like: scene, apiUrl: 'http://127.0.0.1:1' });
      scene.clock.now += MINUTE;
      t.match(await gone.service.accessToken('1'), { kind: 'unavailable', code: 'PROVIDER_DOWN' });
      scene.provider.handler = undefined;
      t.ok(scene.provider.isLive(shown(await scene.service.accessToken('1'))), 'refreshed in the end');
    },
  );

  each.test('after a failure Coze is left alone for a moment', async (t) => {
    const { service, provider, clock } = await newScene(t, storeAt(newPlace()));
    await consent({ service, provider }, '1');
    clock.now += 15 * MINUTE;
    provider.handler = (response) => response.writeHead(503).end();
    t.match(await service.accessToken('1'), { code: 'PROVIDER_FAILED' });
    provider.handler = undefined;
    const { requests } = provider;
    t.match(await service.accessToken('1'), { code: 'PROVIDER_FAILED' });
    t.equal(provider.requests, requests, 'not asked');
    const until = performance.now() + 5000;
    while ((await service.accessToken('1')).kind !== 'token' && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 50));
    t.equal(provider.refreshes, 1, 'asked again later');
  });

  each.test('a pair that the store does not take at first is kept until it does', async (t) => {
    const store = storeAt(newPlace());
    const scene = await newScene(t, store);
    await consent(scene, '1');
    scene.clock.now += 15 * MINUTE;
    const { replaceGrant } = store;
    let attempts = 0;
    store.replaceGrant = async (...args) => {
      attempts += 1;
      if (attempts <= 2) throw new Unavailable('STORE_FULL');
      return replaceGrant.apply(store, args);
    };
    const token = shown(await scene.service.accessToken('1'));
    t.equal(attempts, 3);
    t.ok(scene.provider.isLive(token));
    t.equal(shown(await scene.service.accessToken('1')), token);
  });

  each.test('an answer that comes after the lease has run out still saves the grant', async (t) => {
    const place = newPlace();
    const slow = await newScene(t, storeAt(place), { timing: { leaseMs: 500 } });
    const other = await newScene(t, storeAt(place), { like: slow });
    await consent(slow, '1');
    slow.clock.now += 15 * MINUTE;
    const held = heldAnswer(slow, 'TOPSECRET-late');
    const late = slow.service.accessToken('1');
    await held.asked;
    slow.provider.handler = (response) => answer(response, 400, { error_code: 'invalid_grant' });
    t.match(await other.service.accessToken('1'), { kind: 'consent-required', why: 'ended' });
    held.send();
    t.equal(shown(await late), 'TOPSECRET-late');
    t.equal(shown(await other.service.accessToken('1')), 'TOPSECRET-late');
  });

  each.test('closing lets a refresh reach the store', async (t) => {
    const place = newPlace();
    const scene = await newScene(t, storeAt(place));
    await consent(scene, '1');
    scene.clock.now += 15 * MINUTE;
    const held = heldAnswer(scene, 'TOPSECRET-last');
    const refreshed = scene.service.accessToken('1');
    await held.asked;
    const closed = scene.service.close();
    held.send();
    await closed;
    t.equal(shown(await refreshed), 'TOPSECRET-last');
    t.match(await scene.service.accessToken('1'), { code: 'CLOSED' });
    const next = await newScene(t, storeAt(place), { like: scene });
    t.equal(shown(await next.service.accessToken('1')), 'TOPSECRET-last');
  });
});
