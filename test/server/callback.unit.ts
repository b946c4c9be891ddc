import { createHash, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { call, untilWhole } from '../support/calls.ts';
import { startTestServer } from '../support/server.ts';

const TOKEN = 'token of the callback application';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/events', import.meta.url)),
  settings: { workers: 1, callbackToken: TOKEN },
});

/** Sends what Coze sends, signed as Coze signs it unless the headers say otherwise. */
async function send(body: string, { path = '', headers = {} } = {}) {
  const timestamp = String(Date.now());
  const nonce = randomUUID();
  const signature = createHash('sha1')
    .update(timestamp + nonce + TOKEN + body)
    .digest('hex');
  const response = await fetch(`${server.url}/coze/callback${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Coze-Timestamp': timestamp,
      'X-Coze-Nonce': nonce,
      'X-Coze-Signature': signature,
      'X-Request-Id': `r-${nonce}`,
      ...headers,
    },
    body,
  });
  return { status: response.status, body: JSON.parse(await response.text()), requestId: `r-${nonce}` };
}

const event = (id: string, more: object = {}) =>
  JSON.stringify({ header: { event_id: id, event_type: 'bot.published' }, event: {}, ...more });

/** The events with this id that the plugin's worker has seen. */
async function seen(id: string): Promise<readonly { readonly id: string }[]> {
  const { body } = await call(server, 'inbox/list');
  const { data } = body as { readonly data: { readonly events: readonly { readonly id: string }[] } };
  return data.events.filter((one) => one.id === id);
}

test('a signed event runs in the plugin, once however often it is sent', async (t) => {
  const { status, body, requestId } = await send(event('once'));
  t.equal(status, 200);
  t.strictSame(body, { status: 'success', data: {} });
  t.equal((await send(event('once'))).status, 200);
  t.strictSame(await seen('once'), [{ id: 'once', type: 'bot.published', requestId }]);
});

test('an event the plugin throws at is answered so that it comes again, and runs again', async (t) => {
  const first = await send(event('thrown', { ending: 'throw' }), { path: '/inbox' });
  t.match(first, { status: 500, body: { code: 'PLUGIN_FAULT', request_id: first.requestId } });
  t.match(
    server.log.filter(({ fields }) => fields.requestId === first.requestId && fields.error !== undefined),
    [{ level: 'error', fields: { plugin: 'inbox', error: { message: 'the inbox is full' } } }],
  );
  t.equal((await send(event('thrown', { ending: 'throw' }), { path: '/inbox' })).status, 200);
  t.equal((await seen('thrown')).length, 2);
});

test('an event whose worker dies is answered so that it comes again', async (t) => {
  t.equal((await send(event('deadly', { ending: 'exit' }))).status, 500);
  await untilWhole(server);
  t.equal((await send(event('deadly'))).status, 200);
  t.equal((await seen('deadly')).length, 1);
});

test('an event that Coze has not signed learns nothing', async (t) => {
  const forged = await send(event('forged'), { headers: { 'X-Coze-Signature': '0'.repeat(40) } });
  t.match(forged, { status: 401, body: { status: 'error', code: 'UNAUTHORIZED' } });
  t.match(
    server.log.filter(({ message }) => message === 'event refused'),
    [{ level: 'warn', fields: { requestId: forged.requestId, reason: /signature/ } }],
  );
  t.strictSame(await seen('forged'), []);
});

test('what is signed and no event is refused in words', async (t) => {
  t.match(await send('{"header":'), { status: 400, body: { code: 'NOT_JSON' } });
  t.match(await send('{"header":{}}'), { status: 400, body: { code: 'NO_EVENT_ID' } });
});

test('stop', async (t) => {
  await server.stop();
  t.notOk(server.log.some(({ message }) => /failed after it had been answered/.test(message)));
});
