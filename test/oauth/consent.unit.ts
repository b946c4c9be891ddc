import { inspect } from 'node:util';
import { test } from 'tap';
import {
  comeBack,
  consent,
  KEY_A,
  KEY_B,
  MINUTE,
  newScene,
  SESSION,
  shown,
  storeAt,
  withEachStore,
} from './scene.ts';
import { answer, CLIENT_SECRET } from './strict-provider.ts';

withEachStore(test, async (each, newPlace) => {
  each.test('a user without consent has no token, one with consent has', async (t) => {
    const scene = await newScene(t, storeAt(newPlace()));
    t.strictSame(await scene.service.accessToken('1'), { kind: 'consent-required', why: 'never' });
    t.strictSame(await consent(scene, '1'), { kind: 'stored', user: '1' });
    t.ok(scene.provider.isLive(shown(await scene.service.accessToken('1'))));
    t.equal(scene.provider.requests, 1, 'a fresh token is not refreshed');
    t.strictSame(await scene.service.accessToken('2'), { kind: 'consent-required', why: 'never' });
    t.match(await scene.service.status('1'), { kind: 'granted', refreshedAt: scene.clock.now });
  });

  each.test('a public app proves itself by PKCE, in refreshes too', async (t) => {
    const scene = await newScene(t, storeAt(newPlace()), { isPublic: true });
    t.match(await consent(scene, '1'), { kind: 'stored' });
    scene.clock.now += 15 * MINUTE;
    t.ok(scene.provider.isLive(shown(await scene.service.accessToken('1'))));
  });

  each.test('a state is good once, in its own browser, for ten minutes', async (t) => {
    const scene = await newScene(t, storeAt(newPlace()));
    const { service, clock } = scene;
    const used = await comeBack(scene, '1');
    t.match(await service.finish(used), { kind: 'stored' });
    t.match(await service.finish(used), { kind: 'refused', code: 'STATE_UNKNOWN' }, 'used before');
    t.match(await service.accessToken('1'), { kind: 'token' }, 'the code was not sent twice');
    const foreign = await comeBack(scene, '1');
    const elsewhere = await service.finish({ ...foreign, session: 'of another browser' });
    t.match(elsewhere, { kind: 'refused', code: 'STATE_FOREIGN' });
    t.match(await service.finish(foreign), { code: 'STATE_UNKNOWN' }, 'and is used up by that');
    const late = await comeBack(scene, '1');
    clock.now += 10 * MINUTE;
    t.match(await service.finish(late), { kind: 'refused', code: 'STATE_EXPIRED' });
    for (const state of ['', 'a', `${late.state}a`, '../'.repeat(20)])
      t.match(await service.finish({ ...late, state }), { code: 'STATE_UNKNOWN' }, state);
  });

  each.test(
    'a code that Coze has seen before is refused, and one that no code can be is not sent',
    async (t) => {
      const scene = await newScene(t, storeAt(newPlace()));
      const { service, provider } = scene;
      const first = await comeBack(scene, '1');
      const second = await comeBack(scene, '1');
      const third = await comeBack(scene, '1');
      t.match(await service.finish(first), { kind: 'stored' });
      const replayed = await service.finish({ ...second, code: first.code });
      t.match(replayed, { kind: 'refused', code: 'CODE_REFUSED' });
      const { requests } = provider;
      const impossible = await service.finish({ ...third, code: 'a b' });
      t.match(impossible, { kind: 'refused', code: 'CODE_REFUSED' });
      t.equal(provider.requests, requests);
    },
  );

  each.test('keys change by putting a new one in front', async (t) => {
    const place = newPlace();
    const store = storeAt(place);
    const old = await newScene(t, store, { keys: KEY_A });
    await consent(old, '1');
    t.match(await store.readGrant('com/1'), /^a\./);
    const both = await newScene(t, storeAt(place), { keys: `${KEY_B},${KEY_A}`, like: old });
    t.match(await both.service.accessToken('1'), { kind: 'token' });
    old.clock.now += 15 * MINUTE;
    t.match(await both.service.accessToken('1'), { kind: 'token' });
    t.match(await store.readGrant('com/1'), /^b\./, 'encrypted anew with the refresh');
  });

  each.test('without its key a grant is neither used nor overwritten', async (t) => {
    const place = newPlace();
    const store = storeAt(place);
    const scene = await newScene(t, store);
    await consent(scene, '1');
    const sealed = await store.readGrant('com/1');
    const another = KEY_B.replace('b:', 'a:');
    for (const keys of [KEY_B, another]) {
      const { service } = await newScene(t, storeAt(place), { keys, like: scene });
      for (const outcome of [
        await service.accessToken('1'),
        await service.status('1'),
        await service.begin('1', SESSION),
      ])
        t.match(outcome, { kind: 'unavailable', code: 'KEY_MISSING' });
      t.equal(await store.readGrant('com/1'), sealed);
    }
    const { service } = await newScene(t, storeAt(place), { keys: KEY_B, like: scene });
    const back = await comeBack(scene, '2');
    t.match(await service.finish(back), { code: 'KEY_MISSING' }, 'nor is a state of that key good');
    t.match(await service.forget('1'), { existed: true }, 'it can be forgotten');
  });

  each.test('a record of another user or region cannot be opened', async (t) => {
    const place = newPlace();
    const store = storeAt(place);
    const scene = await newScene(t, store);
    await consent(scene, '1');
    const sealed = (await store.readGrant('com/1')) ?? '';
    await store.writeGrant('com/2', sealed);
    await store.writeGrant('cn/1', sealed);
    const cn = await newScene(t, storeAt(place), { region: 'cn', like: scene });
    t.match(await scene.service.accessToken('2'), { code: 'KEY_MISSING' });
    t.match(await cn.service.accessToken('1'), { code: 'KEY_MISSING' });
  });

  each.test('no secret is in any answer, log line, or inspected object', async (t) => {
    const seen: unknown[] = [];
    const verifiers: string[] = [];
    for (const isPublic of [true, false]) {
      const place = newPlace();
      const store = storeAt(place);
      const scene = await newScene(t, store, { isPublic });
      seen.push(scene.service, store, scene.lines, await consent(scene, '1'));
      for (const [status, name] of [
        [400, 'error_code'],
        [401, 'error'],
        [200, 'access_token'],
        [500, 'msg'],
        [403, 'code'],
      ] as const) {
        scene.clock.now += 15 * MINUTE;
        // It repeats all that was sent, wherever it can.
        scene.provider.handler = (response, body) =>
          answer(response, status, {
            [name]: JSON.stringify(body),
            error_message: [...Object.values(body), ...(isPublic ? [] : [CLIENT_SECRET])].join(' '),
          });
        const again = await newScene(t, storeAt(place), { like: scene, isPublic });
        seen.push(await again.service.accessToken('1'), await consent(again, '3'));
        seen.push(again.lines, again.service);
      }
      scene.clock.now += 15 * MINUTE;
      scene.provider.handler = undefined;
      scene.provider.revokeAll();
      seen.push(await scene.service.accessToken('1'));
      const wrong = await newScene(t, storeAt(place), { keys: KEY_B, like: scene, isPublic });
      seen.push(await wrong.service.accessToken('1'), await wrong.service.begin('1', SESSION), wrong.lines);
      verifiers.push(...scene.provider.verifiers);
    }
    const options = { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null };
    const text = inspect(seen, options) + JSON.stringify(seen);
    for (const trace of ['PROVIDER_REFUSED', 'CODE_REFUSED', 'KEY_MISSING', '[secret]', '"ended"'])
      t.ok(text.includes(trace), `${trace} was among them`);
    t.equal(verifiers.length, 6);
    for (const secret of [...verifiers, KEY_A.slice(2), KEY_B.slice(2)])
      t.notOk(text.includes(secret), 'a key or verifier');
    t.strictSame(text.match(/.{0,30}TOPSECRET.{0,30}/g) ?? [], []);
  });
});
