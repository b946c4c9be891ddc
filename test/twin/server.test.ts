/** A real server as the twin sees it: documents that import, tools that answer, consent, events. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import digest from '../../plugins/digest/index.ts';
import emailCheck from '../../plugins/email-check/index.ts';
import idCard from '../../plugins/id-card/index.ts';
import orderStatus from '../../plugins/order-status/index.ts';
import weather from '../../plugins/weather/index.ts';
import type { Plugin } from '../../src/plugin/plugin.ts';
import { isObject, type JsonObject, parseJson } from '../../src/twin/json.ts';
import {
  type CallOptions,
  type CallOutcome,
  callAsCoze,
  type ImportedTool,
  importDocument,
  sendEvent,
  startTwin,
} from '../../src/twin/twin.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startTestServer } from '../support/server.ts';
import { recorder } from './recorder.ts';

const EXAMPLES: Readonly<Record<string, Plugin>> = {
  digest,
  'email-check': emailCheck,
  'id-card': idCard,
  'order-status': orderStatus,
  weather,
};
const CALLBACK_TOKEN = 'token of the callback application';
/** Where the server says it is. */
const PUBLIC = 'https://plugins.example.com';
const SOMEONE = '7400000000000000009';

/** One folder with the examples and some plugins of other tests. */
const plugins = ownFolder(tap);
for (const folder of ['../../plugins', '../fixtures/native', '../fixtures/coze', '../fixtures/events']) {
  cpSync(fileURLToPath(new URL(folder, import.meta.url)), plugins, { recursive: true });
}
const observation = { city: 'Oslo', condition: 'snow', temperature_c: -2, humidity_percent: 80, wind_m_s: 3 };
const upstream = await recorder(tap, (response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(observation));
});
const twin = await startTwin({ clientId: 'app', clientSecret: 's3cret' });
tap.teardown(() => twin.close());
const server = await startTestServer({
  plugins,
  settings: {
    workers: 1,
    stateDir: join(plugins, '.state'),
    publicUrl: PUBLIC,
    callbackToken: CALLBACK_TOKEN,
    cozeClientId: 'app',
    cozeClientSecret: 's3cret',
    cozeTokenKeys: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    cozeWebUrl: twin.url,
    cozeApiUrl: twin.url,
    pluginSettings: { weather: { config: { upstream: upstream.url } } },
  },
});
tap.teardown(server.stop);

/** The tools of a plugin by its document, which has to import. */
async function toolsOf(plugin: string): Promise<ReadonlyMap<string, ImportedTool>> {
  const response = await fetch(`${server.url}/p/${plugin}/openapi.json`);
  const imported = importDocument(await response.json());
  if (imported.outcome === 'refused') throw new Error(`${plugin}: ${JSON.stringify(imported.problems)}`);
  return imported.tools;
}

async function call(
  plugin: string,
  name: string,
  args: JsonObject,
  options?: CallOptions,
): Promise<CallOutcome> {
  const tool = (await toolsOf(plugin)).get(name);
  if (tool === undefined) throw new Error(`${plugin} has no ${name}`);
  return callAsCoze(tool, args, { user: SOMEONE }, { origin: server.url, ...options });
}

/** What the model sees of a success. */
async function dataOf(t: Test, plugin: string, name: string, args: JsonObject): Promise<JsonObject> {
  const outcome = await call(plugin, name, args);
  t.match(outcome, { outcome: 'answered', data: { status: 'success' }, notes: [] }, `${plugin} ${name}`);
  const data = outcome.outcome === 'answered' ? outcome.data['data'] : undefined;
  return isObject(data) ? data : {};
}

/** As JSON has it. */
function plain(value: unknown): JsonObject {
  const copy = parseJson(JSON.stringify(value) ?? '');
  return isObject(copy) ? copy : {};
}

test('every tool of every example is imported and answers its examples whole', async (t) => {
  for (const [plugin, { tools }] of Object.entries(EXAMPLES)) {
    t.strictSame([...(await toolsOf(plugin)).keys()].toSorted(), Object.keys(tools).toSorted(), plugin);
    for (const [name, { examples = [] }] of Object.entries(tools)) {
      t.ok(examples.length, `${plugin} ${name} has examples`);
      for (const { input, output } of examples) {
        const data = await dataOf(t, plugin, name, plain(input));
        if (output !== undefined) t.strictSame(data, plain(output), `${plugin} ${name}`);
      }
    }
  }
});

test('what goes wrong is an answer for the model, with the sentence that helps', async (t) => {
  const unfit = await call('weather', 'current', { city: '' });
  t.match(unfit, {
    outcome: 'answered',
    data: {
      status: 'error',
      code: 'SCHEMA_VIOLATION',
      message: /"city" must NOT have fewer/,
      request_id: String,
    },
    notes: [],
  });
  t.match(await call('shop', 'fails', { how: 'say' }), {
    outcome: 'answered',
    data: { status: 'error', message: 'Ask for something else.' },
  });
  const thrown = await call('shop', 'fails', { how: 'throw' });
  t.match(thrown, { outcome: 'answered', data: { status: 'error', code: 'PLUGIN_FAULT' } });
  t.notMatch(JSON.stringify(thrown), /secret detail/);
});

test('arguments arrive from path, query and body, and identity and trace from the headers', async (t) => {
  const tool = (await toolsOf('shop')).get('plain');
  if (tool === undefined) throw new Error('no tool');
  const who = { user: SOMEONE, bot: '7300000000000000001', conversation: '7500000000000000001' };
  const chat = await callAsCoze(tool, { id: 'a', count: '2' }, who, {
    origin: server.url,
    logId: '20250102AB',
  });
  t.match(chat, {
    outcome: 'answered',
    data: {
      data: {
        got: '{"id":"a","count":2}',
        user: SOMEONE,
        bot: '7300000000000000001',
        conversation: '7500000000000000001',
        trace: '20250102AB',
        request: '20250102AB',
      },
    },
  });
  const found = await dataOf(t, 'shop', 'search', { q: '茶 & x' });
  t.strictSame(parseJson(String(found['got'])), { q: '茶 & x' }, 'page, which is left out, is no empty page');
});

test('a tool without arguments is called without a body and without a media type', async (t) => {
  t.match(await dataOf(t, 'inbox', 'list', {}), { events: [] });
});

test('the same call twice has the same answer', async (t) => {
  const outcome = await call('id-card', 'verify', { id: '11010519491231002X' }, { retry: true });
  t.match(outcome, { outcome: 'answered', notes: ['called twice: the answers are the same'] });
});

test('a streaming tool keeps to the rules of packets, and its texts joined are what it answers whole', async (t) => {
  t.match(await call('talk', 'say', { text: 'one two three' }, { stream: true }), {
    outcome: 'streamed',
    content: 'one two three',
  });
  t.match(await call('talk', 'say', { text: 'one', pauseMs: 120 }, { stream: true }), { content: 'one' });
  const long = await call('talk', 'long', { times: 30_000 }, { stream: true });
  t.match(long, { outcome: 'streamed', content: '茶😀'.repeat(30_000) });
  t.match(await call('talk', 'long', { times: 0 }, { stream: true }), { outcome: 'streamed' });
});

test('a streaming tool answers whole where no stream is asked for', async (t) => {
  const outcome = await call('talk', 'say', { text: 'one two three' }, { stream: false });
  t.match(outcome, { outcome: 'answered', data: { data: { content: 'one two three', words: 3 } } });
});

/** What the plugin is told when it asks Coze who the user is, by the other contract: its answers are free-form. */
async function askCoze(): Promise<JsonObject> {
  const body = JSON.stringify({ user_id: SOMEONE, parameters: { path: '/v1/users/me' } });
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${server.url}/execute/account/ask`, { method: 'POST', headers, body });
  const answer: unknown = await response.json();
  return isObject(answer) && isObject(answer['data']) ? answer['data'] : {};
}

test('a user consents at the twin, and the plugin calls its API until consent is withdrawn', async (t) => {
  const { url, code } = await askCoze();
  t.equal(code, 'CONSENT_REQUIRED');
  const link = String(url).replace(PUBLIC, server.url);
  const page = await fetch(link);
  const [cookie = ''] = page.headers.get('set-cookie')?.split(';') ?? [];
  const [, proof = ''] = /name="proof" value="([\w-]+)"/.exec(await page.text()) ?? [];
  const sent = await fetch(link, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie },
    body: new URLSearchParams({ proof }),
  });
  const home = await fetch(`${sent.headers.get('location')}&auto=allow&user=42`, { redirect: 'manual' });
  const back = (home.headers.get('location') ?? '').replace(PUBLIC, server.url);
  const done = await fetch(back, {
    headers: { cookie: sent.headers.get('set-cookie')?.split(';')[0] ?? cookie },
  });
  t.equal(done.status, 200);
  t.match(await askCoze(), { status: 200, answer: { code: 0, data: { user_id: '42' } } });
  twin.revoke();
  t.match(await askCoze(), { status: 401, answer: { code: 4100 } });
});

test('events reach the plugin once, within their time, and only with the right signature', async (t) => {
  const event = {
    to: `${server.url}/coze/callback`,
    token: CALLBACK_TOKEN,
    type: 'bot.published',
    eventId: 'e-1',
  };
  t.match(await sendEvent(event), { outcome: 'taken', status: 200 });
  t.match(await sendEvent(event), { outcome: 'taken', status: 200 });
  t.match(await sendEvent({ ...event, eventId: 'e-2', corrupt: 'body' }), {
    outcome: 'refused',
    status: 401,
  });
  t.match(await sendEvent({ ...event, eventId: 'e-3', corrupt: 'signature' }), {
    outcome: 'refused',
    status: 401,
  });
  const { events } = await dataOf(t, 'inbox', 'list', {});
  t.match(events, [{ id: 'e-1', type: 'bot.published' }]);
  t.equal(Array.isArray(events) && events.length, 1);
});
