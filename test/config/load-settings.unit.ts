import { test } from 'tap';
import { describeOrigin } from '../../src/config/origin.ts';
import { SETTING_NAMES, SETTINGS } from '../../src/config/setting-table.ts';
import { accepted, CIRCUMSTANCES, problemsOf } from './surroundings.ts';

test('without any source every setting has its default', async (t) => {
  const { settings, origins, configFile } = accepted();
  t.strictSame(
    { ...settings, pluginSettings: { ...settings.pluginSettings } },
    {
      debug: false,
      host: '127.0.0.1',
      port: 8080,
      adminHost: '127.0.0.1',
      adminPort: 9090,
      tlsKey: undefined,
      tlsCert: undefined,
      tlsPassphrase: undefined,
      publicUrl: undefined,
      plugins: '/hotlane/plugins',
      hotReload: true,
      stateDir: '/app/.hotlane',
      probeTimeoutMs: 10_000,
      reloadBreatherMs: 500,
      defaultPlugin: undefined,
      workers: 8,
      concurrency: 32,
      queueLimit: 1024,
      timeoutMs: 10_000,
      stuckGraceMs: 250,
      startBudgetMs: undefined,
      fairShare: true,
      breaker: true,
      breakerFailurePercent: 50,
      breakerWindowMs: 10_000,
      breakerMinCalls: 20,
      breakerPauseMs: 10_000,
      drainMs: 10_000,
      workerHeapMb: 512,
      workerYoungMb: 6,
      workerMemoryMb: 1024,
      processMemoryMb: 12_288,
      stallMs: 100,
      zombieLimit: 8,
      phases: true,
      serverTiming: false,
      outboundConnections: 200,
      outboundIdleMs: 30_000,
      outboundHosts: undefined,
      outboundIdentity: true,
      errorStatus: undefined,
      serviceToken: undefined,
      serviceTokenName: 'X-Service-Token',
      allowUnauthenticated: false,
      callbackToken: undefined,
      callbackPlugin: undefined,
      cozeRegion: 'com',
      cozeClientId: undefined,
      cozeClientSecret: undefined,
      cozeTokenKeys: undefined,
      cozeWebUrl: undefined,
      cozeApiUrl: undefined,
      redisUrl: undefined,
      logLevel: 'info',
      logSample: 1000,
      pluginSettings: {},
    },
  );
  t.strictSame([...new Set([...origins.values()].map(describeOrigin))], ['default']);
  t.equal(configFile, undefined);
});

test('flags override variables, variables the file, the file the command, the command the defaults', async (t) => {
  const values = { workers: 5, queueLimit: 50, concurrency: 500, drainMs: 5000 };
  const { settings, origins, configFile } = accepted({
    flags: { workers: '2' },
    env: { HOTLANE_WORKERS: '3', HOTLANE_QUEUE_LIMIT: '30' },
    file: { workers: 4, queueLimit: 40, concurrency: 400 },
    preset: { command: 'hotlane dev', values },
  });
  const { workers, queueLimit, concurrency, drainMs, stuckGraceMs } = settings;
  t.strictSame([workers, queueLimit, concurrency, drainMs, stuckGraceMs], [2, 30, 400, 5000, 250]);
  t.strictSame(
    (['workers', 'queueLimit', 'concurrency', 'drainMs', 'stuckGraceMs'] as const).map((name) => {
      const origin = origins.get(name);
      return origin && describeOrigin(origin);
    }),
    [
      'flag --workers',
      'env HOTLANE_QUEUE_LIMIT',
      'file /app/hotlane.config.json, key concurrency',
      'default of hotlane dev',
      'default',
    ],
  );
  t.equal(configFile, '/app/hotlane.config.json');
});

test('every setting can be given by every source that it has', async (t) => {
  const samples: Record<string, string | number | boolean> = {
    logLevel: 'warn',
    plugins: '/app/plugins',
    stateDir: '/app/state',
    tlsKey: '/app/tls.pem',
    tlsCert: '/app/tls.pem',
    publicUrl: 'https://plugins.example.com',
    errorStatus: 'http',
    cozeRegion: 'cn',
    cozeWebUrl: 'http://127.0.0.1:8787',
    cozeApiUrl: 'http://127.0.0.1:8787',
  };
  const disk = { '/app/tls.pem': 'PEM' };
  const given = SETTING_NAMES.map((name, index) => {
    const { kind, defaultValue } = SETTINGS[name];
    const [, least] = /^(\d+) to \d+$/.exec(kind.range ?? '') ?? [];
    const byKind =
      kind.placeholder === undefined
        ? !defaultValue(CIRCUMSTANCES)
        : least === undefined
          ? `x${index}`
          : Number(least) + index;
    return [name, samples[name] ?? byKind] as const;
  });
  const expected = Object.fromEntries(given);
  const variables = given.map(([name, value]) => [
    `HOTLANE_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`,
    String(value),
  ]);
  const texts = given.map(([name, value]) => [name, typeof value === 'boolean' ? value : String(value)]);
  for (const [source, sources] of Object.entries({
    flags: { flags: Object.fromEntries(texts) },
    env: { env: Object.fromEntries(variables) },
    file: { file: expected },
  })) {
    const { pluginSettings: _, ...settings } = accepted({ ...sources, disk }).settings;
    t.strictSame(settings, expected, source);
  }
});

test('with debug a call has 30 seconds and the log says more, unless a source says otherwise', async (t) => {
  const debug = accepted({ env: { HOTLANE_DEBUG: '1' } }).settings;
  t.match(debug, { timeoutMs: 30_000, logLevel: 'debug' });
  const own = accepted({ flags: { debug: true }, file: { timeoutMs: 500, logLevel: 'warn' } }).settings;
  t.match(own, { timeoutMs: 500, logLevel: 'warn' });
});

test('a negated flag turns off what the file turns on, and is named as the source', async (t) => {
  const { settings, origins } = accepted({ flags: { debug: false }, file: { debug: true } });
  t.equal(settings.debug, false);
  t.strictSame(origins.get('debug'), { from: 'flag', flag: '--no-debug' });
});

test('all problems come out at once, each with its source and what is expected there', async (t) => {
  t.strictSame(
    problemsOf({
      flags: { port: 'eighty', adminPort: '70000' },
      env: { HOTLANE_WORKERS: '0', HOTLANE_PROT: '1', HOTLANE_DEBUG: 'yes' },
      file: { logLevel: 'loud', wrokers: 4, defaultPlugin: 'No Such' },
    }),
    [
      'file /app/hotlane.config.json, key wrokers: no setting has this name; did you mean workers?',
      'env HOTLANE_PROT: no setting has this variable; did you mean HOTLANE_PORT?',
      'env HOTLANE_DEBUG: expected true or false, got "yes"',
      'flag --port: expected a whole number from 0 to 65535, got "eighty"',
      'flag --admin-port: expected a whole number from 0 to 65535, got "70000"',
      'file /app/hotlane.config.json, key defaultPlugin: expected the name of a plugin (lower-case letters, digits and hyphens, a letter first), got "No Such"',
      'env HOTLANE_WORKERS: expected a whole number from 1 to 64, got "0"',
      'file /app/hotlane.config.json, key logLevel: expected one of trace, debug, info, warn, error, fatal, silent, got "loud"',
    ],
  );
});

test('a bad value is a problem also where a stronger source overrides it', async (t) => {
  t.strictSame(problemsOf({ flags: { workers: '2' }, env: { HOTLANE_WORKERS: 'many' } }), [
    'env HOTLANE_WORKERS: expected a whole number from 1 to 64, got "many"',
  ]);
});

test('each number is accepted at both ends of its range and refused one step beyond', async (t) => {
  let checked = 0;
  for (const name of SETTING_NAMES) {
    const [, low, high] = /^(\d+) to (\d+)$/.exec(SETTINGS[name].kind.range ?? '') ?? [];
    if (low === undefined || high === undefined) continue;
    checked += 1;
    for (const end of [low, high]) {
      // The other port is out of the way, since the two must differ.
      const other = name === 'port' ? { adminPort: '1' } : { port: '1' };
      t.equal(accepted({ flags: { ...other, [name]: end } }).settings[name], Number(end), `${name} ${end}`);
      t.equal(accepted({ flags: other, file: { [name]: Number(end) } }).settings[name], Number(end));
    }
    for (const beyond of [Number(low) - 1, Number(high) + 1]) {
      t.equal(problemsOf({ flags: { [name]: String(beyond) } }).length, 1, `${name} ${beyond}`);
      t.equal(problemsOf({ file: { [name]: beyond } }).length, 1, `${name} ${beyond} in the file`);
    }
  }
  const numbers = SETTING_NAMES.filter((name) => SETTINGS[name].kind.placeholder === 'n');
  t.equal(checked, numbers.length);
});

test('what only looks like a whole number is refused', async (t) => {
  for (const text of ['1.5', '0x10', '1e3', ' 7', '-1', '+1', '١', '1_000', 'NaN']) {
    t.equal(problemsOf({ flags: { concurrency: text } }).length, 1, text);
  }
  for (const json of ['7', 1.5, true, null, [7], { n: 7 }]) {
    t.equal(problemsOf({ file: { concurrency: json } }).length, 1, JSON.stringify(json));
  }
});

test('a long wrong value is shortened in the complaint', async (t) => {
  const [problem = ''] = problemsOf({ flags: { port: 'x'.repeat(5000) } });
  t.ok(problem.length < 150, problem);
});

test('relative paths start at the working directory, those in the file at its folder', async (t) => {
  const disk = {
    '/etc/hotlane/settings.json': '{"plugins": "mine"}',
    '/etc/hotlane/mine/': '',
    '/app/own/': '',
  };
  const fromFile = accepted({ flags: { config: '../etc/hotlane/settings.json' }, disk });
  t.equal(fromFile.settings.plugins, '/etc/hotlane/mine');
  t.equal(fromFile.configFile, '/etc/hotlane/settings.json');
  t.equal(accepted({ env: { HOTLANE_PLUGINS: 'own' }, disk }).settings.plugins, '/app/own');
});

test('a plugins folder that does not exist is a problem of the source that named it', async (t) => {
  t.strictSame(problemsOf({ flags: { plugins: 'nowhere' } }), [
    'flag --plugins: plugins: there is no folder at /app/nowhere',
  ]);
});

test('key and certificate are given together, and can be read', async (t) => {
  const disk = {
    '/app/key.pem': 'PEM',
    '/app/cert.pem': 'PEM',
    '/app/locked.pem': new Error('EACCES: denied'),
  };
  t.strictSame(problemsOf({ flags: { tlsKey: 'key.pem' }, disk }), [
    'flag --tls-key: tlsKey is set but tlsCert is not; set both or none',
  ]);
  t.strictSame(problemsOf({ file: { tlsCert: 'cert.pem' }, disk }), [
    'file /app/hotlane.config.json, key tlsCert: tlsCert is set but tlsKey is not; set both or none',
  ]);
  t.strictSame(problemsOf({ flags: { tlsKey: 'locked.pem', tlsCert: 'lost.pem' }, disk }), [
    'flag --tls-key: tlsKey: /app/locked.pem cannot be read: EACCES: denied',
    'flag --tls-cert: tlsCert: there is no file at /app/lost.pem',
  ]);
  const { tlsKey, tlsCert } = accepted({ flags: { tlsKey: 'key.pem', tlsCert: 'cert.pem' }, disk }).settings;
  t.strictSame([tlsKey, tlsCert], ['/app/key.pem', '/app/cert.pem']);
});

test('the two ports differ unless the system chooses them', async (t) => {
  t.strictSame(problemsOf({ flags: { port: '9090' } }), [
    'flag --port: port and adminPort are both 9090; they must differ',
  ]);
  t.strictSame(problemsOf({ env: { HOTLANE_ADMIN_PORT: '8080' } }), [
    'env HOTLANE_ADMIN_PORT: port and adminPort are both 8080; they must differ',
  ]);
  t.match(accepted({ flags: { port: '0', adminPort: '0' } }).settings, { port: 0, adminPort: 0 });
});

test('nobody can change settings once they are loaded', async (t) => {
  const { settings } = accepted({ file: { pluginSettings: { weather: { config: { keys: ['a'] } } } } });
  const { keys } = settings.pluginSettings.weather?.config ?? {};
  for (const part of [settings, settings.pluginSettings, settings.pluginSettings.weather, keys]) {
    t.ok(typeof part === 'object' && Object.isFrozen(part));
  }
});
