import { type Test, test } from 'tap';
import { AdminServer } from '../../src/admin/admin-server.ts';
import { pluginEndpoints } from '../../src/admin/plugin-endpoints.ts';
import type { ActionReport } from '../../src/reload/control.ts';
import {
  NEW,
  OLD,
  plugin,
  type Script,
  type ScriptedControl,
  scriptedControl,
  version,
} from './scripted-control.ts';

interface Port {
  readonly control: ScriptedControl;
  get(path: string): Promise<{ status: number; body: unknown }>;
  post(path: string, body?: string): Promise<{ status: number; body: unknown }>;
}

/** An admin port over a control that follows the script. */
async function serve(t: Test, script: Script): Promise<Port> {
  const control = scriptedControl(script);
  const server = new AdminServer(pluginEndpoints(control));
  const port = await server.listen('127.0.0.1', 0);
  t.teardown(() => server.close());
  const ask = async (path: string, options?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, options);
    t.equal(response.headers.get('content-type'), 'application/json', path);
    return { status: response.status, body: await response.json() };
  };
  return {
    control,
    get: (path) => ask(path),
    post: (path, body) =>
      ask(path, { method: 'POST', headers: { 'X-Hotlane-Admin': '1' }, ...(body !== undefined && { body }) }),
  };
}

/** As JSON carries it: what is undefined is not there. */
const carried = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const GREET = plugin('greet');
const BROKEN = plugin('broken', {
  state: 'FAILED',
  hash: undefined,
  rejected: { hash: NEW, since: GREET.since, problem: { step: 'init', reason: 'no key' } },
});

test('all plugins are listed as they stand, and each by its name', async (t) => {
  const { get } = await serve(t, { plugins: [GREET, BROKEN] });
  t.strictSame(await get('/plugins'), { status: 200, body: carried({ plugins: [GREET, BROKEN] }) });
  t.strictSame(await get('/plugins/greet'), { status: 200, body: carried(GREET) });
  t.strictSame(await get('/plugins/broken?x=1'), { status: 200, body: carried(BROKEN) });
});

test('the kept versions of a plugin are listed in the control’s order', async (t) => {
  const kept = [version(NEW, { active: true }), version(OLD)];
  const { get } = await serve(t, { plugins: [GREET], versions: { greet: kept } });
  t.strictSame(await get('/plugins/greet/versions'), { status: 200, body: { versions: kept } });
});

test('an unknown plugin is 404 with the names there are', async (t) => {
  const { get } = await serve(t, { plugins: [GREET, BROKEN] });
  for (const path of ['/plugins/gret', '/plugins/gret/versions', '/plugins/%67ret']) {
    const expected = { error: 'no plugin is called "gret"; there is greet, broken' };
    t.strictSame(await get(path), { status: 404, body: expected }, path);
  }
  const empty = await serve(t, {});
  t.match((await empty.get('/plugins/gret')).body, { error: /there is none$/ });
});

test('each action reaches the control with the plugin and the hash it was sent', async (t) => {
  const { control, post } = await serve(t, { plugins: [GREET] });
  await post('/reload');
  await post('/reload', '{}');
  await post('/plugins/greet/reload');
  await post('/plugins/greet/rollback');
  await post('/plugins/greet/rollback', '{"hash":"3f2a"}');
  await post('/plugins/greet/activate');
  await post('/plugins/greet/deactivate', '{}');
  await post('/plugins/greet/unload');
  t.strictSame(control.orders, [
    'reload',
    'reload',
    'reload greet',
    'rollback greet',
    'rollback greet 3f2a',
    'activate greet',
    'deactivate greet',
    'unload greet',
  ]);
});

test('the report is the body and its outcome is the status', async (t) => {
  const changes = [{ plugin: 'greet', from: OLD, to: NEW }];
  const cases: readonly (readonly [number, ActionReport])[] = [
    [200, { outcome: 'rolled', changes, ms: 412 }],
    [200, { outcome: 'done', changes, ms: 2 }],
    [200, { outcome: 'unchanged', ms: 3 }],
    [422, { outcome: 'rejected', problems: [{ plugin: 'greet', step: 'init', reason: 'no key' }], ms: 9 }],
    [409, { outcome: 'rolled-back', reason: 'worker 2 did not come up', ms: 900 }],
    [409, { outcome: 'refused', reason: 'greet is not active' }],
  ];
  let next: ActionReport = { outcome: 'unchanged', ms: 0 };
  const { post } = await serve(t, { plugins: [GREET], end: () => next });
  for (const [status, report] of cases) {
    next = report;
    t.strictSame(await post('/reload'), { status, body: report }, report.outcome);
    t.strictSame(await post('/plugins/greet/activate'), { status, body: report }, report.outcome);
  }
});

test('an action refused for a plugin that does not exist is 404 with the report', async (t) => {
  const report: ActionReport = { outcome: 'refused', reason: 'there is no plugin gret' };
  const { post } = await serve(t, { plugins: [GREET], end: () => report });
  t.strictSame(await post('/plugins/gret/unload'), { status: 404, body: report });
});

test('an action is answered when it is over and not before, while others are served', async (t) => {
  const over = Promise.withResolvers<ActionReport>();
  const { control, get, post } = await serve(t, { plugins: [GREET], end: () => over.promise });
  let answered = false;
  const answer = post('/reload').then((value) => {
    answered = true;
    return value;
  });
  while (control.orders.length === 0) await get('/plugins');
  await get('/plugins');
  t.notOk(answered);
  over.resolve({ outcome: 'unchanged', ms: 5 });
  t.equal((await answer).status, 200);
});

test('a body that is not what the action takes is 400 and nothing is done', async (t) => {
  const { control, post } = await serve(t, { plugins: [GREET] });
  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['/plugins/greet/rollback', '{"hash":', /not valid JSON/],
    ['/plugins/greet/rollback', '"3f2a"', /must be a JSON object/],
    ['/plugins/greet/rollback', '["3f2a"]', /must be a JSON object/],
    ['/plugins/greet/rollback', 'null', /must be a JSON object/],
    ['/plugins/greet/rollback', '{"hsah":"3f2a"}', /means nothing here: "hsah"/],
    ['/plugins/greet/rollback', '{"hash":""}', /1 to 64/],
    ['/plugins/greet/rollback', '{"hash":42}', /1 to 64/],
    ['/plugins/greet/rollback', '{"hash":"3F2A"}', /1 to 64/],
    ['/plugins/greet/unload', '{"hash":"3f2a"}', /means nothing here: "hash"/],
    ['/reload', '{"plugin":"greet"}', /means nothing here: "plugin"/],
  ];
  for (const [path, body, error] of bad)
    t.match(await post(path, body), { status: 400, body: { error } }, body);
  t.strictSame(control.orders, []);
});
