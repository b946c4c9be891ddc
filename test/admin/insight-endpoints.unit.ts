import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { AdminServer } from '../../src/admin/admin-server.ts';
import { type Insight, insightEndpoints } from '../../src/admin/insight-endpoints.ts';
import { Examiner } from '../../src/insight/examiner.ts';
import { UNMEASURED } from '../../src/insight/why-slow.ts';
import { ownFolder } from '../support/own-folder.ts';

const ADMIN = { 'X-Hotlane-Admin': '1' };

/** Looks into threads as the test says; everything else is as nothing. */
async function serve(t: Test, examiner: Partial<Insight['examiner']>): Promise<string> {
  const nobody = new Examiner({ view: () => [], threadAt: () => undefined });
  const insight: Insight = {
    live: () => {
      throw new Error('nobody asks for it here');
    },
    workers: () => [],
    slow: () => UNMEASURED,
    slowOf: (plugin) => (plugin === 'weather' ? UNMEASURED : undefined),
    examiner: {
      profile: examiner.profile ?? ((of, ms, signal) => nobody.profile(of, ms, signal)),
      heap: examiner.heap ?? ((of) => nobody.heap(of)),
    },
  };
  const server = new AdminServer(insightEndpoints(async () => insight));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
}

const post = (url: string, body?: object) =>
  fetch(url, { method: 'POST', headers: ADMIN, ...(body && { body: JSON.stringify(body) }) });

test('a profile is of the seat and the seconds asked for, five by default', async (t) => {
  const asked: unknown[] = [];
  const url = await serve(t, {
    async profile(of, ms) {
      asked.push([of, ms]);
      return { outcome: 'done', value: '{"nodes":[]}' };
    },
  });
  t.equal(await (await post(`${url}/workers/3/profile`)).text(), '{"nodes":[]}');
  await post(`${url}/workers/main/profile`, { seconds: 0.5 });
  t.strictSame(asked, [
    [3, 5000],
    ['main', 500],
  ]);
});

test('what cannot be meant is refused before any thread is disturbed', async (t) => {
  const url = await serve(t, {
    profile: () => Promise.reject(new Error('a thread was disturbed')),
    heap: () => Promise.reject(new Error('a thread was disturbed')),
  });
  for (const seconds of [0, -1, 61, '5', null, [5]]) {
    const answer = await post(`${url}/workers/0/profile`, { seconds });
    t.equal(answer.status, 400, JSON.stringify(seconds));
    t.match(await answer.json(), { error: 'seconds must be a number from 0.1 to 60' });
  }
  t.equal((await post(`${url}/workers/0/profile`, { second: 1 })).status, 400);
  t.equal((await post(`${url}/workers/0/heap`, { seconds: 1 })).status, 400);
  t.equal((await fetch(`${url}/workers/0/heap`, { method: 'POST' })).status, 403, 'a page in a browser');
  t.equal((await fetch(`${url}/workers/0/profile`)).status, 405);
});

test('a worker that is not there, or one that is being looked at, is told apart by status', async (t) => {
  const busy = await serve(t, { heap: async () => ({ outcome: 'busy', at: 'a profile of worker 1' }) });
  const taken = await post(`${busy}/workers/0/heap`);
  t.equal(taken.status, 409);
  t.strictSame(await taken.json(), { error: 'a profile of worker 1 is being taken; one look at a time' });
  const empty = await serve(t, {});
  for (const path of ['/workers/7/profile', '/workers/7/heap', '/workers/main/heap', '/workers/-1/heap']) {
    const answer = await post(empty + path);
    t.equal(answer.status, 404, path);
    t.match(await answer.json(), { error: /there is no worker/ });
  }
  const failing = await serve(t, { heap: async () => ({ outcome: 'failed', reason: 'its thread ended' }) });
  const failed = await post(`${failing}/workers/0/heap`);
  t.equal(failed.status, 500);
  t.strictSame(await failed.json(), { error: 'worker 0: its thread ended' });
});

test('a profile is given up when its client goes away', async (t) => {
  const begun = Promise.withResolvers<AbortSignal>();
  const url = await serve(t, {
    profile(_of, _ms, signal) {
      begun.resolve(signal);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  });
  const call = request(`${url}/workers/0/profile`, { method: 'POST', headers: ADMIN });
  call.on('error', () => undefined);
  call.end();
  const signal = await begun.promise;
  t.notOk(signal.aborted);
  call.destroy();
  if (!signal.aborted) await once(signal, 'abort');
  t.equal((await fetch(`${url}/slow`)).status, 200, 'and the port serves on');
});

test('a heap snapshot is sent whole and its file deleted, also when the client leaves in the middle', async (t) => {
  const file = join(ownFolder(t), 'x.heapsnapshot');
  // More than the sockets' buffers hold, so that a client can leave before the end.
  const bytes = 2 ** 25;
  const deletions: PromiseWithResolvers<void>[] = [];
  const url = await serve(t, {
    async heap() {
      writeFileSync(file, Buffer.alloc(bytes, 'x'));
      const deleted = Promise.withResolvers<void>();
      deletions.push(deleted);
      const value = { file, bytes, [Symbol.asyncDispose]: async () => deleted.resolve() };
      return { outcome: 'done', value };
    },
  });
  const whole = await post(`${url}/workers/0/heap`);
  t.equal(whole.headers.get('content-length'), String(bytes));
  t.equal((await whole.bytes()).length, bytes);
  await deletions[0]?.promise;
  const leaving = new AbortController();
  const cut = await fetch(`${url}/workers/0/heap`, {
    method: 'POST',
    headers: ADMIN,
    signal: leaving.signal,
  });
  t.equal(cut.status, 200);
  leaving.abort();
  await t.rejects(cut.bytes());
  await deletions[1]?.promise;
  t.ok(existsSync(file), 'deleting it is the snapshot’s own business');
});

test('one look at a time: the next is told what is being done, and may follow when it is over', async (t) => {
  const examiner = new Examiner({ view: () => [], threadAt: () => undefined });
  const leaving = new AbortController();
  const first = examiner.profile('main', 60_000, leaving.signal);
  const refused = await examiner.profile('main', 1, AbortSignal.timeout(1000));
  t.strictSame(refused, { outcome: 'busy', at: 'a profile of the main thread' });
  leaving.abort();
  await t.rejects(first, { name: 'AbortError' });
  t.match(await examiner.profile('main', 1, AbortSignal.timeout(10_000)), { outcome: 'done' });
});

test('slow calls are told of for one tool as well, if there is such a tool', async (t) => {
  const url = await serve(t, {});
  t.strictSame(await (await fetch(`${url}/slow`)).json(), {
    isMeasured: false,
    seen: 0,
    slow: 0,
    groups: [],
  });
  t.equal((await fetch(`${url}/slow/weather/current`)).status, 200);
  const unknown = await fetch(`${url}/slow/wether/current`);
  t.equal(unknown.status, 404);
  t.strictSame(await unknown.json(), { error: 'no tool is called "wether/current"' });
});
