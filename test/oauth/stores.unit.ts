import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createClient } from '@redis/client';
import { test } from 'tap';
import { RedisStore } from '../../src/oauth/redis-store.ts';
import { SettingProblem } from '../../src/oauth/setting-problem.ts';
import { storeFailure } from '../../src/oauth/sqlite-failure.ts';
import { SqliteStore } from '../../src/oauth/sqlite-store.ts';
import type { TokenStore } from '../../src/oauth/store.ts';
import { ownFolder } from '../support/own-folder.ts';
import { freePort, startRedis, WITHOUT_REDIS } from './redis-server.ts';
import { consent, MINUTE, newScene, shown, storeAt, withEachStore } from './scene.ts';

withEachStore(test, async (each, newPlace) => {
  each.test('a grant is replaced only where it is the expected one', async (t) => {
    const store = storeAt(newPlace());
    t.teardown(() => store.close());
    t.equal(await store.readGrant('com/1'), undefined);
    t.equal(await store.replaceGrant('com/1', 'a', 'b'), false, 'nothing to replace');
    await store.writeGrant('com/1', 'a');
    t.equal(await store.replaceGrant('com/1', 'x', 'b'), false);
    t.equal(await store.replaceGrant('com/1', 'a', 'b'), true);
    t.equal(await store.replaceGrant('com/1', 'a', 'b'), true, 'the same again');
    t.equal(await store.readGrant('com/1'), 'b');
    t.equal(await store.readGrant('cn/1'), undefined);
    t.equal(await store.deleteGrant('com/1'), true);
    t.equal(await store.deleteGrant('com/1'), false);
    await store.check();
  });

  each.test('a lease has one holder, and an end', async (t) => {
    const place = newPlace();
    const [one, other] = [storeAt(place), storeAt(place)];
    t.teardown(() => Promise.all([one.close(), other.close()]));
    t.equal(await one.acquireLease('com/1', 'one', 60_000), true);
    t.equal(await other.acquireLease('com/1', 'other', 60_000), false);
    t.equal(await other.acquireLease('com/2', 'other', 60_000), true, 'of another user');
    await other.releaseLease('com/1', 'other');
    t.equal(await other.acquireLease('com/1', 'other', 60_000), false, 'released by its holder only');
    await one.releaseLease('com/1', 'one');
    t.equal(await other.acquireLease('com/1', 'other', 50), true);
    while (!(await one.acquireLease('com/1', 'one', 60_000))) await wait(5);
    await other.releaseLease('com/1', 'other');
    t.equal(await other.acquireLease('com/1', 'other', 50), false, 'the former holder has no say');
  });

  each.test('of many takers one gets a pending authorization', async (t) => {
    const place = newPlace();
    const [one, other] = [storeAt(place), storeAt(place)];
    t.teardown(() => Promise.all([one.close(), other.close()]));
    await one.writePending('id', 'sealed', 60_000);
    const taken = await Promise.all([one, other, one, other].map((store) => store.takePending('id')));
    t.strictSame(
      taken.filter((sealed) => sealed !== undefined),
      ['sealed'],
    );
  });

  each.test('pending authorizations are bounded in number, and go with time', async (t) => {
    const place = newPlace();
    const options = { mostPending: 3 };
    const store: TokenStore =
      place.kind === 'sqlite'
        ? new SqliteStore(place.path, options)
        : new RedisStore(place.url, { ...options, prefix: place.prefix });
    t.teardown(() => store.close());
    await store.writePending('brief', 'sealed', 1);
    for (const id of ['1', '2', '3', '4']) {
      await wait(2);
      await store.writePending(id, id, 60_000);
    }
    const left = await Promise.all(['brief', '1', '2', '3', '4'].map((id) => store.takePending(id)));
    t.strictSame(left, [undefined, undefined, '2', '3', '4'], 'the oldest went');
  });
});

test('the SQLite file is for its owner alone', async (t) => {
  const path = join(ownFolder(t), 'state', 'oauth.db');
  const store = new SqliteStore(path);
  t.teardown(() => store.close());
  await store.writeGrant('com/1', 'a');
  for (const file of [path, `${path}-wal`, `${path}-shm`])
    t.equal(statSync(file).mode & 0o777, 0o600, file.replace(dirname(path), ''));
});

test('a file that is damaged, foreign or newer is left as it is', async (t) => {
  const folder = ownFolder(t);
  const damaged = join(folder, 'damaged.db');
  const before = new SqliteStore(damaged);
  for (let n = 0; n < 50; n++) await before.writeGrant(`com/${n}`, 'x'.repeat(1000));
  await before.close();
  writeFileSync(damaged, readFileSync(damaged).fill(0xff, 4096));
  const garbage = join(folder, 'garbage.db');
  writeFileSync(garbage, 'no database, but somebody’s file\n'.repeat(200));
  const foreign = join(folder, 'foreign.db');
  const other = new DatabaseSync(foreign);
  other.exec('CREATE TABLE theirs (x)');
  other.close();
  const newer = join(folder, 'newer.db');
  await new SqliteStore(newer).check();
  const changed = new DatabaseSync(newer);
  changed.exec('PRAGMA user_version = 2');
  changed.close();
  for (const [path, code] of [
    [damaged, 'STORE_CORRUPT'],
    [garbage, 'STORE_CORRUPT'],
    [foreign, 'STORE_CORRUPT'],
    [newer, 'STORE_NEWER'],
  ] as const) {
    const bytes = readFileSync(path);
    const store = new SqliteStore(path);
    await t.rejects(store.readGrant('com/7'), { name: 'Unavailable', code }, path);
    await t.rejects(store.writeGrant('com/7', 'a'), { code });
    await t.rejects(store.acquireLease('com/7', 'me', 1000), { code });
    await store.close();
    t.ok(readFileSync(path).equals(bytes), 'unchanged');
  }
  const store = new SqliteStore(garbage);
  t.teardown(() => store.close());
  await t.rejects(store.check(), { code: 'STORE_CORRUPT' });
  rmSync(garbage);
  await store.writeGrant('com/1', 'a');
  t.equal(await store.readGrant('com/1'), 'a', 'once it is moved away, all goes on');
});

test('while another process has the file locked, tokens are read, none is refreshed, and none is lost', async (t) => {
  const path = join(ownFolder(t), 'oauth.db');
  const scene = await newScene(t, new SqliteStore(path, { busyMs: 100 }));
  await consent(scene, '1');
  const locker = new DatabaseSync(path);
  t.teardown(() => locker.close());
  locker.exec('BEGIN IMMEDIATE');
  t.match(await scene.service.accessToken('1'), { kind: 'token' });
  scene.clock.now += 15 * MINUTE;
  const { requests } = scene.provider;
  t.match(await scene.service.accessToken('1'), { kind: 'unavailable', code: 'STORE_LOCKED' });
  t.match(await scene.service.check(), { code: 'STORE_LOCKED' });
  t.equal(scene.provider.requests, requests, 'Coze was not asked for a pair that could not be stored');
  locker.exec('ROLLBACK');
  t.ok(scene.provider.isLive(shown(await scene.service.accessToken('1'))));
  t.equal(await scene.service.check(), undefined);
});

test('a full store keeps what it has', async (t) => {
  const store = new SqliteStore(join(ownFolder(t), 'oauth.db'), { largest: 64 * 1024 });
  t.teardown(() => store.close());
  const sealed = 'x'.repeat(3000);
  let written = 0;
  await t.rejects(
    async () => {
      for (; written < 100; written++) await store.writeGrant(`com/${written}`, sealed);
    },
    { code: 'STORE_FULL' },
  );
  t.ok(written > 5);
  for (let n = 0; n < written; n++) t.equal(await store.readGrant(`com/${n}`), sealed);
  t.equal(await store.deleteGrant('com/0'), true);
  await store.writeGrant('com/new', sealed);
});

test('a file or file system that cannot be written says so', async (t) => {
  const path = join(ownFolder(t), 'oauth.db');
  const store = new SqliteStore(path);
  await store.writeGrant('com/1', 'a');
  const readOnly = new DatabaseSync(path, { readOnly: true });
  try {
    readOnly.exec('DELETE FROM grants');
    t.fail('written');
  } catch (error) {
    t.match(storeFailure(error, path), { code: 'STORE_READ_ONLY' });
  }
  readOnly.close();
  await store.close();
  for (const [errno, code] of [
    ['EROFS', 'STORE_READ_ONLY'],
    ['EACCES', 'STORE_NO_PERMISSION'],
    ['ENOSPC', 'STORE_FULL'],
    ['EMFILE', 'STORE_FAULTY'],
  ])
    t.match(storeFailure(Object.assign(new Error('open'), { code: errno }), path), { code });
  const folder = join(ownFolder(t), 'folder.db');
  mkdirSync(folder);
  await t.rejects(new SqliteStore(folder).check(), { code: 'STORE_FAULTY' });
});

test('a folder without the right to write is named', {
  skip: process.getuid?.() === 0 && 'root may write everywhere',
}, async (t) => {
  const folder = ownFolder(t);
  chmodSync(folder, 0o500);
  t.teardown(() => chmodSync(folder, 0o700));
  await t.rejects(new SqliteStore(join(folder, 'oauth.db')).check(), { code: 'STORE_NO_PERMISSION' });
});

test('a Redis server that is down, comes up, hangs and is back', { skip: WITHOUT_REDIS }, async (t) => {
  const port = await freePort();
  const store = new RedisStore(`redis://127.0.0.1:${port}`, { commandMs: 500 });
  t.teardown(() => store.close());
  await t.rejects(store.check(), { name: 'Unavailable', code: 'STORE_DOWN' }, 'down');
  await t.rejects(store.readGrant('com/1'), { code: 'STORE_DOWN' });
  const server = await startRedis((work) => t.teardown(work), { port });
  await untilUp(store);
  await store.writeGrant('com/1', 'a');
  server.pause();
  await t.rejects(store.readGrant('com/1'), { code: 'STORE_DOWN' }, 'hangs');
  await t.rejects(store.readGrant('com/1'), { code: 'STORE_DOWN' });
  server.resume();
  await untilUp(store);
  t.equal(await store.readGrant('com/1'), 'a', 'back');
});

test('what a Redis server refuses is told without the password', { skip: WITHOUT_REDIS }, async (t) => {
  const { url } = await startRedis((work) => t.teardown(work), { password: 'right' });
  const store = new RedisStore(url.replace('//', '//:TOPSECRET@'));
  t.teardown(() => store.close());
  const error = await store.check().catch((failure: unknown) => failure);
  t.match(error, { code: 'STORE_NO_PERMISSION' });
  t.notMatch(inspectAll([error, store]), /TOPSECRET/);
  for (const wrong of ['TOPSECRET', 'http://:TOPSECRET@host', 'redis://', 'redis://:TOPSECRET@ho st']) {
    const problem = t.throws(() => new RedisStore(wrong), SettingProblem);
    t.notMatch(inspectAll(problem), /TOPSECRET/);
  }
});

test('all that Redis keeps for a while has an end', { skip: WITHOUT_REDIS }, async (t) => {
  const { url } = await startRedis((work) => t.teardown(work));
  const store = new RedisStore(url);
  const client = createClient({ url });
  await client.connect();
  t.teardown(async () => {
    client.destroy();
    await store.close();
  });
  await store.writePending('id', 'sealed', 60_000);
  await store.acquireLease('com/1', 'me', 30_000);
  await store.writeGrant('com/1', 'sealed');
  for (const [key, longest] of [
    ['pending:id', 60_000],
    ['lease:com/1', 30_000],
  ] as const) {
    const left = await client.pTTL(`hotlane:oauth:${key}`);
    t.ok(left > longest - 20_000 && left <= longest, `${key}: ${left} ms`);
  }
  t.equal(await client.pTTL('hotlane:oauth:grant:com/1'), -1, 'a grant stays');
});

async function untilUp(store: TokenStore): Promise<void> {
  const until = performance.now() + 10_000;
  for (;;) {
    try {
      return await store.check();
    } catch (error) {
      if (performance.now() > until) throw error;
      await wait(20);
    }
  }
}

function inspectAll(value: unknown): string {
  return inspect(value, { depth: 12, showHidden: true });
}
