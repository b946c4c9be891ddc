import { test } from 'tap';
import { accepted, problemsOf } from './surroundings.ts';

const file = '/app/hotlane.config.json';

test('a file that is named must exist, and who named it is told', async (t) => {
  t.strictSame(problemsOf({ flags: { config: 'lost.json' } }), [
    'flag --config: there is no file at /app/lost.json',
  ]);
  t.strictSame(problemsOf({ env: { HOTLANE_CONFIG: 'lost.json' } }), [
    'env HOTLANE_CONFIG: there is no file at /app/lost.json',
  ]);
});

test('the flag names the file before the variable does', async (t) => {
  const disk = { '/app/a.json': '{"workers": 1}', '/app/b.json': '{"workers": 2}' };
  const { settings } = accepted({ flags: { config: 'a.json' }, env: { HOTLANE_CONFIG: 'b.json' }, disk });
  t.equal(settings.workers, 1);
});

test('a file that cannot be read, is no JSON or no object is one problem that says which', async (t) => {
  t.strictSame(problemsOf({ disk: { [file]: new Error('EACCES: denied') } }), [
    `file ${file}: cannot be read: EACCES: denied`,
  ]);
  t.match(problemsOf({ disk: { [file]: '{"port": 1,}' } }), [/^file .*: is not valid JSON: .*position 11/]);
  const secret = problemsOf({ disk: { [file]: '{"serviceToken": s3cret}' } });
  t.match(secret, [/^file .*: is not valid JSON: Unexpected token 's'$/], 'nothing of what stands around it');
  t.strictSame(problemsOf({ file: ['port'] }), [`file ${file}: expected one JSON object, got ["port"]`]);
});

test('names that every object has are unknown names like any other', async (t) => {
  t.strictSame(problemsOf({ disk: { [file]: '{"constructor": 1, "__proto__": {"port": 1}}' } }), [
    `file ${file}, key constructor: no setting has this name`,
    `file ${file}, key __proto__: no setting has this name`,
  ]);
});

test('a plugin has its section, its tools and a configuration that is passed on as it is', async (t) => {
  const weather = {
    timeoutMs: 5000,
    startBudgetMs: 0,
    maxInFlight: 20,
    maxWaiting: 40,
    breaker: false,
    outbound: { hosts: ['api.example.com', '*.example.org:8443'], identity: false },
    tools: { forecast: { timeoutMs: 8000, startBudgetMs: 700 }, now: {} },
    config: { a: [1, null] },
  };
  const { pluginSettings } = accepted({ file: { pluginSettings: { weather } } }).settings;
  t.strictSame(JSON.parse(JSON.stringify(pluginSettings)), { weather });
});

test('a plugin or tool called constructor has only the settings the file gives it', async (t) => {
  const { pluginSettings } = accepted({ file: { pluginSettings: { weather: { tools: {} } } } }).settings;
  t.equal(pluginSettings.constructor, undefined);
  t.equal(pluginSettings.weather?.tools?.constructor, undefined);
});

test('every problem of the section for plugins names the key it is at', async (t) => {
  t.strictSame(
    problemsOf({
      file: {
        pluginSettings: {
          Weather: {},
          echo: { timeout: 1, timeoutMs: 0, config: [], tools: { say: { timeoutMs: '9' }, ask: 7 } },
          clock: null,
          far: { maxInFlight: 0, breaker: 'no', outbound: { hosts: ['http://x'], host: 1 } },
        },
      },
    }),
    [
      'pluginSettings.Weather: expected the name of a plugin (lower-case letters, digits and hyphens, a letter first), got "Weather"',
      'pluginSettings.echo.timeout: no setting has this name; did you mean timeoutMs?',
      'pluginSettings.echo.timeoutMs: expected a whole number from 1 to 180000, got 0',
      'pluginSettings.echo.config: expected a JSON object, got []',
      'pluginSettings.echo.tools.say.timeoutMs: expected a whole number from 1 to 180000, got "9"',
      'pluginSettings.echo.tools.ask: expected a JSON object, got 7',
      'pluginSettings.clock: expected a JSON object, got null',
      'pluginSettings.far.maxInFlight: expected a whole number from 1 to 65535, got 0',
      'pluginSettings.far.breaker: expected true or false, got "no"',
      'pluginSettings.far.outbound.hosts: expected an array of host names such as ["api.example.com", "*.example.org"], got ["http://x"]',
      'pluginSettings.far.outbound.host: no setting has this name; did you mean hosts?',
    ].map((problem) => `file ${file}, key ${problem}`),
  );
  t.strictSame(problemsOf({ file: { pluginSettings: 'all' } }), [
    `file ${file}, key pluginSettings: expected a JSON object, got "all"`,
  ]);
});
