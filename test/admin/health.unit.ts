import { test } from 'tap';
import { type Health, health, live, ready } from '../../src/admin/health.ts';

const WHOLE: Health = {
  stopping: false,
  workers: { wanted: 2, serving: 2, zombies: 0, zombieLimit: 1 },
  plugins: { loaded: [{ name: 'a', version: '1.0.0', tools: ['x'] }], failed: [], refused: [] },
  calls: { waiting: 0, inFlight: 3 },
  uptimeSeconds: 5,
};
const ONE_DOWN: Health = { ...WHOLE, workers: { ...WHOLE.workers, serving: 1 } };
const ALL_DOWN: Health = { ...WHOLE, workers: { ...WHOLE.workers, serving: 0 } };
const STOPPING: Health = { ...WHOLE, stopping: true };

const status = (state: Health): string => JSON.parse(health(state).body).status;

test('the process is alive as long as it answers', async (t) => {
  t.match(live(), { status: 200, type: 'application/json', body: '{"status":"alive"}\n' });
});

test('one worker is enough to be ready', async (t) => {
  t.equal(ready(WHOLE).status, 200);
  t.equal(ready(ONE_DOWN).status, 200);
  t.equal(ready(ALL_DOWN).status, 503);
  t.equal(ready(STOPPING).status, 503);
});

test('health tells whole, degraded, down and stopping apart', async (t) => {
  t.equal(status(WHOLE), 'healthy');
  t.equal(status(ONE_DOWN), 'degraded');
  const refused = [{ name: 'a', reason: 'its example fails' }];
  t.equal(status({ ...WHOLE, plugins: { ...WHOLE.plugins, refused } }), 'degraded');
  t.equal(
    status({ ...WHOLE, plugins: { loaded: [], failed: [{ name: 'b', reason: 'no index' }], refused: [] } }),
    'degraded',
  );
  t.equal(status(ALL_DOWN), 'down');
  t.equal(status({ ...ALL_DOWN, stopping: true }), 'stopping');
});

test('only down and stopping are failures; degraded still serves', async (t) => {
  t.strictSame(
    [WHOLE, ONE_DOWN, ALL_DOWN, STOPPING].map((state) => health(state).status),
    [200, 200, 503, 503],
  );
});

test('health shows everything the server knows of itself', async (t) => {
  t.strictSame(JSON.parse(health(WHOLE).body), { status: 'healthy', ...WHOLE });
});
