import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { type Test, test } from 'tap';
import type { Log, LogFields } from '../../src/core/log.ts';
import { CALLBACK_PATH } from '../../src/events/callback-path.ts';
import { choosePlugin, type EventPlugins } from '../../src/events/choose-plugin.ts';
import {
  type DeliveredEvent,
  type Delivery,
  EventCallbacks,
  type EventOutcome,
} from '../../src/events/event-callbacks.ts';
import type { Guard } from '../../src/wire/guard.ts';
import type { PageRequest } from '../../src/wire/page.ts';

interface Run {
  readonly plugin: string;
  readonly event: DeliveredEvent;
  /** Ends it. */
  readonly end: (outcome: Delivery) => void;
  readonly fail: (error: Error) => void;
}

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Refuses by the head or by the body, as tests ask for it. */
const guard: Guard = {
  headers: new Set(['signature']),
  judge: ({ values, target }) =>
    values('signature')[0] === 'none'
      ? { kind: 'refused', reason: `no signature at ${target}` }
      : {
          kind: 'undecided',
          decide: (body) =>
            Buffer.from(body).includes('forged')
              ? { kind: 'refused', reason: 'the signature is of another body' }
              : { kind: 'admitted' },
        },
};

const ONE: EventPlugins = {
  serving: [
    { name: 'orders', hasEvents: true },
    { name: 'weather', hasEvents: false },
  ],
  inactive: ['asleep'],
};

const TWO: EventPlugins = {
  serving: [...ONE.serving, { name: 'tickets', hasEvents: true }],
  inactive: [],
};

/** Callbacks whose plugins end when the test says so, on a clock that stands still. */
function open(t: Test, plugins: EventPlugins = ONE, configured?: string) {
  const runs: Run[] = [];
  const lines: Line[] = [];
  const callbacks = new EventCallbacks({
    guard,
    plugins: () => plugins,
    configured,
    deliver: (plugin, event) => {
      const { promise, resolve, reject } = Promise.withResolvers<Delivery>();
      runs.push({ plugin, event, end: resolve, fail: reject });
      return promise;
    },
    log: logInto(lines),
  });
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const send = async (body: unknown, { path = CALLBACK_PATH, ...request }: Partial<PageRequest> = {}) => {
    const page = callbacks.pages().find((one) => one.path === path);
    if (page === undefined) throw new Error(`no page at ${path}`);
    const answered = await page.handle({
      method: 'POST',
      path,
      query: '',
      headers: new Map([['content-type', 'application/json']]),
      body: body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)),
      requestId: 'r1',
      ...request,
    });
    return { status: answered.status, headers: answered.headers, answer: JSON.parse(String(answered.body)) };
  };
  /** What has been counted, zeros left out. */
  const counted = () => Object.fromEntries(Object.entries(callbacks.counts).filter(([, count]) => count > 0));
  return { callbacks, runs, lines, send, counted };
}

function logInto(lines: Line[]): Log {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  const log: Log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  };
  return log;
}

const event = (id: string, more: object = {}) => ({ header: { event_id: id, ...more }, event: {} });
const text = (value: string) => Buffer.from(value);
const SUCCESS = { status: 'success', data: {} };

function only<Item>(items: readonly Item[]): Item {
  const [item, second] = items;
  if (item === undefined || second !== undefined) throw new Error(`${items.length} instead of one`);
  return item;
}

test('an event reaches the only plugin that wants events, whole, and is answered when that is done', async (t) => {
  const { runs, send, counted } = open(t);
  const body = { header: { event_id: 'e1', event_type: 'bot.published' }, event: { bot_id: '7' } };
  const answer = send(body);
  const run = only(runs);
  t.equal(run.plugin, 'orders');
  t.match(run.event, { id: 'e1', type: 'bot.published', requestId: 'r1' });
  t.strictSame(JSON.parse(Buffer.from(run.event.payload).toString()), body);
  t.strictSame(counted(), {}, 'not counted before it has ended');
  run.end('done');
  t.match(await answer, { status: 200, headers: { 'Content-Type': 'application/json' } });
  t.strictSame((await answer).answer, SUCCESS);
  t.strictSame(counted(), { done: 1 });
});

test('id and type may stand at the top as well', async (t) => {
  const { runs, send } = open(t);
  void send({ event_id: 'e1', event_type: 'bot.published' });
  t.match(only(runs).event, { id: 'e1', type: 'bot.published' });
});

test('an event without a type has none', async (t) => {
  const { runs, send } = open(t);
  void send(event('e1', { event_type: 7 }));
  t.equal(only(runs).event.type, undefined);
});

test('a repetition is answered at once and not run, while the first runs and when it is done', async (t) => {
  const { runs, send, counted } = open(t);
  const first = send(event('e1'));
  t.equal((await send(event('e1'))).status, 200);
  only(runs).end('done');
  await first;
  t.strictSame((await send(event('e1'))).answer, SUCCESS);
  t.equal(runs.length, 1);
  t.strictSame(counted(), { done: 1, repeated: 2 });
});

test('a plugin that fails in time has Coze send the event again, which then runs', async (t) => {
  const { runs, send, counted } = open(t);
  const first = send(event('e1'));
  runs[0]?.end('failed');
  t.match(await first, { status: 500, answer: { status: 'error', code: 'PLUGIN_FAULT', request_id: 'r1' } });
  const second = send(event('e1'));
  t.equal(runs.length, 2);
  runs[1]?.end('done');
  t.equal((await second).status, 200);
  t.strictSame(counted(), { failed: 1, done: 1 });
});

test('an event that is sent back has a line that names it', async (t) => {
  const { runs, lines, send } = open(t);
  for (const outcome of ['failed', 'refused'] as const) {
    const answer = send(event('e1', { event_type: 'bot.published' }));
    runs.at(-1)?.end(outcome);
    await answer;
    const fields = { requestId: 'r1', plugin: 'orders', eventId: 'e1', eventType: 'bot.published', outcome };
    t.strictSame(lines.pop(), {
      level: 'warn',
      message: 'an event failed and is answered so that Coze sends it again',
      fields,
    });
  }
  t.strictSame(lines, []);
});

test('an event that was not started is refused with a time to come back, and runs then', async (t) => {
  const { runs, send, counted } = open(t);
  const first = send(event('e1'));
  runs[0]?.end('refused');
  t.match(await first, { status: 503, headers: { 'Retry-After': '1' }, answer: { code: 'OVERLOADED' } });
  void send(event('e1'));
  t.equal(runs.length, 2);
  t.strictSame(counted(), { refused: 1 });
});

test('a delivery that breaks is a failure with its error in the log', async (t) => {
  const { runs, lines, send, counted } = open(t);
  const answer = send(event('e1'));
  const error = new Error('no way to the workers');
  only(runs).fail(error);
  t.equal((await answer).status, 500);
  t.match(lines[0], {
    level: 'error',
    message: 'an event could not be delivered',
    fields: { requestId: 'r1', plugin: 'orders', eventId: 'e1', error },
  });
  t.strictSame(counted(), { failed: 1 });
});

test('a plugin that is still running after 2.5 s is answered for, and goes on', async (t) => {
  const { runs, lines, send, counted } = open(t);
  let isAnswered = false;
  const answer = send(event('e1')).finally(() => {
    isAnswered = true;
  });
  mock.timers.tick(2499);
  await turn();
  t.equal(isAnswered, false);
  mock.timers.tick(1);
  t.strictSame((await answer).answer, SUCCESS);
  t.equal((await send(event('e1'))).status, 200);
  t.equal(runs.length, 1, 'a repetition does not run beside it');
  only(runs).end('done');
  await turn();
  t.strictSame(counted(), { done: 1, repeated: 1 });
  t.strictSame(lines, []);
});

for (const outcome of ['failed', 'refused'] as const) {
  test(`an event that is ${outcome} after its answer is an error in the log, and would run if it came again`, async (t) => {
    const { runs, lines, send, counted } = open(t);
    const answer = send(event('e1', { event_type: 'bot.published' }));
    mock.timers.tick(2500);
    t.equal((await answer).status, 200);
    only(runs).end(outcome);
    await turn();
    t.strictSame(lines, [
      {
        level: 'error',
        message: 'an event failed after it had been answered; Coze does not send it again',
        fields: { requestId: 'r1', plugin: 'orders', eventId: 'e1', eventType: 'bot.published', outcome },
      },
    ]);
    t.strictSame(counted(), { lost: 1 });
    void send(event('e1'));
    t.equal(runs.length, 2);
  });
}

test('who is not Coze gets the one generic answer, and the reason stays in the log', async (t) => {
  const { runs, lines, send, counted } = open(t);
  const head = await send(event('e1'), { headers: new Map([['signature', 'none']]), query: 'a=1' });
  const body = await send('forged', { headers: new Map(), path: `${CALLBACK_PATH}/weather` });
  t.equal(head.status, 401);
  t.strictSame(head.answer, body.answer);
  t.equal(head.answer.code, 'UNAUTHORIZED');
  t.strictSame(
    lines.map(({ fields }) => fields),
    [
      { requestId: 'r1', reason: 'no signature at /coze/callback?a=1' },
      { requestId: 'r1', reason: 'the signature is of another body' },
    ],
  );
  t.equal(runs.length, 0);
  t.strictSame(counted(), { unauthorized: 2 });
});

test('a flood of forged events is not a flood of lines', async (t) => {
  const { lines, send, counted } = open(t);
  const now = t.intercept(performance, 'now', { value: () => 5000, configurable: true });
  for (let n = 0; n < 100; n++) await send('forged');
  t.equal(lines.length, 10);
  now.restore();
  t.strictSame(counted(), { unauthorized: 100 });
});

test('what is no event is refused in words', async (t) => {
  const { runs, send, counted } = open(t);
  const cases: readonly (readonly [unknown, number, string])[] = [
    [text(''), 400, 'NOT_JSON'],
    [text('{"event_id":"e1"'), 400, 'NOT_JSON'],
    [text('\uFEFF{"event_id":"e1"}'), 400, 'NOT_JSON'],
    [text('['.repeat(500_000)), 400, 'NOT_JSON'],
    [[event('e1')], 400, 'NOT_JSON'],
    [null, 400, 'NOT_JSON'],
    [Buffer.from([0x22, 0xff, 0x22]), 400, 'NOT_UTF8'],
    [{}, 400, 'NO_EVENT_ID'],
    [{ header: null }, 400, 'NO_EVENT_ID'],
    [{ header: ['event_id'] }, 400, 'NO_EVENT_ID'],
    [{ event_id: 7 }, 400, 'NO_EVENT_ID'],
    [{ event_id: '' }, 400, 'NO_EVENT_ID'],
    [{ event_id: 'e\n1' }, 400, 'NO_EVENT_ID'],
    [{ event_id: 'e'.repeat(129) }, 400, 'NO_EVENT_ID'],
    [text('{"__proto__":{"event_id":"e1"}}'), 400, 'FORBIDDEN_KEY'],
    [text(`{"event_id":"e1","deep":${'['.repeat(200)}${']'.repeat(200)}}`), 400, 'TOO_DEEP'],
  ];
  for (const [body, status, code] of cases)
    t.match(await send(body), { status, answer: { status: 'error', code, request_id: 'r1' } });
  for (const type of ['text/plain', 'application/jsonp', undefined]) {
    const headers = new Map(type === undefined ? [] : [['content-type', type]]);
    t.match(await send(event('e1'), { headers }), {
      status: 415,
      answer: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
  }
  t.equal(runs.length, 0);
  t.strictSame(counted(), { invalid: cases.length + 3 });
});

test('no bytes at all break it', async (t) => {
  const { runs, send } = open(t);
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.json().map(text),
    fc.record({ event_id: fc.jsonValue(), header: fc.jsonValue() }),
  );
  await fc.assert(
    fc.asyncProperty(junk, async (body) => {
      const before = runs.length;
      const answer = send(body);
      for (const run of runs.slice(before)) run.end('done');
      const { status } = await answer;
      return status === 200 || status === 400;
    }),
  );
});

test('there is a path for the chosen plugin and one for each that is there', async (t) => {
  const { callbacks } = open(t);
  t.strictSame(
    callbacks.pages().map(({ path, methods }) => [path, methods]),
    ['', '/orders', '/weather', '/asleep'].map((name) => [CALLBACK_PATH + name, ['POST']]),
  );
});

test('the path chooses the plugin before the setting, and the setting before there is only one', async (t) => {
  const { runs, send } = open(t, TWO, 'tickets');
  void send(event('e1'));
  void send(event('e2'), { path: `${CALLBACK_PATH}/orders` });
  t.strictSame(
    runs.map(({ plugin }) => plugin),
    ['tickets', 'orders'],
  );
});

test('the same event runs once, whichever plugin a copy of it is sent to', async (t) => {
  const { runs, send } = open(t, TWO);
  for (const plugin of ['orders', 'tickets', 'orders'])
    void send(event('e1'), { path: `${CALLBACK_PATH}/${plugin}` });
  t.strictSame(
    runs.map(({ plugin }) => plugin),
    ['orders'],
  );
});

test('an event nobody takes is refused with a sentence that says why', async (t) => {
  const none: EventPlugins = { serving: [{ name: 'weather', hasEvents: false }], inactive: [] };
  const cases: readonly {
    plugins: EventPlugins;
    path?: string;
    configured?: string;
    status: number;
    code: string;
    message: RegExp;
  }[] = [
    { plugins: none, status: 404, code: 'NO_EVENT_PLUGIN', message: /None of the loaded/ },
    { plugins: TWO, status: 404, code: 'NO_EVENT_PLUGIN', message: /Several .* callbackPlugin/ },
    {
      plugins: TWO,
      path: '/weather',
      status: 404,
      code: 'NO_EVENT_PLUGIN',
      message: /weather has no onEvent/,
    },
    {
      plugins: TWO,
      configured: 'wether',
      status: 404,
      code: 'UNKNOWN_PLUGIN',
      message: /callbackPlugin .* wether/,
    },
    { plugins: ONE, path: '/asleep', status: 503, code: 'PLUGIN_INACTIVE', message: /switched off/ },
  ];
  for (const { plugins, path = '', configured, status, code, message } of cases) {
    const { runs, send, counted } = open(t, plugins, configured);
    t.match(await send(event('e1'), { path: CALLBACK_PATH + path }), { status, answer: { code, message } });
    t.equal(runs.length, 0);
    t.strictSame(counted(), { unclaimed: 1 } satisfies Partial<Record<EventOutcome, number>>);
    mock.timers.reset();
  }
});

test('a plugin that has gone since its path was made is unknown', async (t) => {
  t.strictSame(choosePlugin(TWO, 'gone', 'tickets'), {
    kind: 'refused',
    code: 'UNKNOWN_PLUGIN',
    detail: undefined,
  });
});
