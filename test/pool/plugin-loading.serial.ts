import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { call, healthOf, metricsOf, until, untilWhole } from '../support/calls.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/loading', import.meta.url)),
  settings: { pluginSettings: { fine: { config: { colour: 'blue', depth: { of: [1, 2] } } } } },
});

const FAILURES: Readonly<Record<string, RegExp>> = {
  'bad-schema': /^tools\.never\.input does not compile: .*propertys/,
  'exits-too': /^loading it ended the thread: .*(8|exit)/,
  'exports-nothing': /^the default export must be an object, not undefined$/,
  'import-exits': /^loading it ended the thread: .*(7|exit)/,
  'import-throws': /^the module is broken$/,
  'init-throws': /^the database is not there$/,
};

test('plugins that fail to load are left out and reported with the reason; the rest serves', async (t) => {
  const { status, plugins } = await healthOf(server);
  t.strictSame(
    plugins.loaded.map(({ name }) => name),
    ['fine', 'slow-init', 'two-tools'],
  );
  t.strictSame(plugins.failed.map(({ name }) => name).toSorted(), Object.keys(FAILURES));
  for (const { name, reason } of plugins.failed) t.match(reason, FAILURES[name] ?? /there is none/, name);
  t.equal(status, 'degraded');
  for (const name of Object.keys(FAILURES)) {
    const line = server.log.find(
      ({ message, fields }) => message === 'plugin left out' && fields.plugin === name,
    );
    t.match(line, { level: 'error', fields: { reason: FAILURES[name] } }, `the log names ${name}`);
  }
});

test('plugins that end the thread while they load cost one start each, and no pause', async (t) => {
  await untilWhole(server);
  const metrics = await metricsOf(server);
  const crashes = metrics.get('hotlane_worker_crashes_total') ?? 0;
  t.ok(crashes >= 2 && crashes <= 4, `${crashes} crashes: two plugins, at most once in each worker`);
  t.equal(metrics.get('hotlane_worker_starts_total'), crashes + 2);
  t.notOk(server.log.some(({ message }) => message.includes('keep failing to start')));
});

test('a plugin gets its section of the configuration in init', async (t) => {
  t.match(await call(server, 'fine'), {
    status: 200,
    body: { status: 'success', data: { colour: 'blue', depth: { of: [1, 2] } } },
  });
  await until('init has logged', () => server.log.some(({ message }) => message === 'fine is starting'));
  t.match(
    server.log.find(({ message }) => message === 'fine is starting'),
    { level: 'info', fields: { plugin: 'fine', keys: 'colour,depth' } },
  );
});

test('no call arrives before init has ended', async (t) => {
  t.match(await call(server, 'slow-init/ready'), { body: { data: { ready: true } } });
});

test('of two tools each answers at its own path, and the plugin’s path asks which', async (t) => {
  t.match(await call(server, 'two-tools/first'), { body: { data: { tool: 'first' } } });
  t.match(await call(server, 'two-tools/second'), { body: { data: { tool: 'second' } } });
  t.match(await call(server, 'two-tools'), { status: 404, body: { code: 'NO_DEFAULT_TOOL' } });
});

test('calls to a plugin that was left out are answered with 404', async (t) => {
  for (const name of Object.keys(FAILURES)) {
    t.match(await call(server, name), { status: 404, body: { status: 'error', code: 'UNKNOWN_PLUGIN' } });
  }
});

test('the server stops in order', async () => {
  await server.stop();
});

test('a plugin that loads in one worker and not in the next is told, since some of its calls will fail', async (t) => {
  const moody = await startTestServer({
    plugins: fileURLToPath(new URL('../fixtures/faults/moody', import.meta.url)),
    settings: { pluginSettings: { moody: { config: { file: join(ownFolder(t, {}), 'started') } } } },
  });
  t.teardown(moody.stop);
  await untilWhole(moody);
  t.match(
    moody.log.find(({ message }) => message === 'plugin is missing in one worker'),
    { level: 'error', fields: { plugin: 'moody', reason: /EEXIST/ } },
  );
});
