import { test } from 'tap';
import { dataOf, envelope, isError, post } from '../support/http-call.ts';
import { sharedServer } from '../support/shared-server.ts';

const server = await sharedServer();

const send = (body: string, headers: Record<string, string> = {}) =>
  post(server, '/execute/caller', body, { headers: { 'X-Request-Id': 'id', ...headers } });

/** What the plugin knows of a caller whose `user_id` is written like this. */
const userOf = async (text: string) => dataOf(await send(`{"user_id":${text},"parameters":{}}`));

test('user ids of 64 bits keep every digit, as numbers and as strings', async (t) => {
  for (const digits of [
    '0',
    '7',
    '-5',
    '9007199254740991',
    '9007199254740993',
    '1234567890123456789',
    '9223372036854775807',
    '-9223372036854775808',
    '18446744073709551615',
  ]) {
    t.match(await userOf(digits), { userId: digits });
    t.match(await userOf(`"${digits}"`), { userId: digits });
  }
});

test('integers in another notation are read as integers', async (t) => {
  t.match(await userOf('1e3'), { userId: '1000' });
  t.match(await userOf('12.0'), { userId: '12' });
});

test('the digits are those of the envelope, not those of a parameter of the same name', async (t) => {
  const before = '{"parameters":{"user_id":1111111111111111111},"user_id":2222222222222222222}';
  const behind = '{"user_id":2222222222222222222,"parameters":{"user_id":[{"user_id":3333333333333333333}]}}';
  const written = '{"\\u0075ser_id":2222222222222222222,"parameters":{"user_id":"user_id"}}';
  for (const body of [before, behind, written]) {
    t.match(dataOf(await send(body)), { userId: '2222222222222222222' });
  }
});

test('of two user ids the last one counts, with its own digits', async (t) => {
  const body = '{"user_id":1111111111111111111,"user_id":2222222222222222222,"parameters":{}}';
  t.match(dataOf(await send(body)), { userId: '2222222222222222222' });
});

test('what is no integer is no user id', async (t) => {
  for (const text of [
    '"abc"',
    '""',
    '"1.5"',
    '"1e3"',
    '" 1"',
    '"٣"',
    '1.5',
    '1e30',
    '1e400',
    'true',
    'null',
    '{}',
    '[1]',
  ]) {
    const answer = await send(`{"user_id":${text},"parameters":{}}`);
    isError(t, answer, 'SCHEMA_VIOLATION', '"user_id" must be integer');
  }
  const answer = await send(`{"user_id":"${'1'.repeat(21)}","parameters":{}}`);
  isError(t, answer, 'SCHEMA_VIOLATION', '"user_id" must be integer');
});

test('a user id is required, in the body or in the header', async (t) => {
  isError(t, await send('{"parameters":{}}'), 'SCHEMA_VIOLATION', '"user_id" is required');
  t.match(dataOf(await send('{"parameters":{}}', { 'X-Coze-User-Id': '9223372036854775807' })), {
    userId: '9223372036854775807',
  });
});

test('an identity header that is not plain text counts as missing', async (t) => {
  const headers = { 'X-Coze-User-Id': '1\u00e92' };
  isError(t, await send('{"parameters":{}}', headers), 'SCHEMA_VIOLATION', '"user_id" is required');
});

test('who the call is for may stand in headers, in the body, or the same in both', async (t) => {
  const headers = { 'X-Coze-User-Id': '1', 'X-Coze-Bot-Id': '2', 'X-Coze-Conversation-Id': 'c-3' };
  const expected = { requestId: 'id', userId: '1', botId: '2', conversationId: 'c-3' };
  t.strictSame(dataOf(await send('{"parameters":{}}', headers)), expected);
  t.strictSame(dataOf(await send('{"user_id":1,"bot_id":"2","parameters":{}}', headers)), expected);
});

test('headers and body that name different users or bots are refused', async (t) => {
  const headers = { 'X-Coze-User-Id': '1', 'X-Coze-Bot-Id': '2' };
  isError(t, await send('{"user_id":"4","parameters":{}}', headers), 'IDENTITY_CONFLICT');
  isError(t, await send('{"user_id":"1","bot_id":5,"parameters":{}}', headers), 'IDENTITY_CONFLICT');
});

test('headers that name different users are refused, whichever stands first', async (t) => {
  const both = { 'X-Coze-User-Id': '1', 'X-Aiplugin-Connector-Identifier': '1' };
  t.match(dataOf(await send('{"parameters":{}}', both)), { userId: '1' });
  const headers = { 'X-Coze-User-Id': '1', 'X-Aiplugin-Connector-Identifier': '2' };
  isError(t, await send('{"parameters":{}}', headers), 'IDENTITY_CONFLICT');
});

test('the envelope takes no bearer token', async (t) => {
  for (const value of ['Bearer abc', 'bearer abc', 'Bearer']) {
    isError(t, await send(envelope({}), { Authorization: value }), 'UNAUTHORIZED');
  }
  t.match(dataOf(await send(envelope({}), { Authorization: 'Basic abc' })), { userId: '1' });
});

test('a bot id is optional: digits, kept to the last one, or a name', async (t) => {
  t.strictSame(dataOf(await send(envelope({}))), { requestId: 'id', userId: '1' });
  for (const [text, botId] of [
    ['7351234567890123456', '7351234567890123456'],
    ['"7351234567890123456"', '7351234567890123456'],
    ['"weather bot 天气"', 'weather bot 天气'],
  ] as const) {
    t.match(dataOf(await send(`{"user_id":1,"bot_id":${text},"parameters":{}}`)), { botId });
  }
  for (const text of ['1.5', 'true', 'null', '[]', '{}']) {
    const answer = await send(`{"user_id":1,"bot_id":${text},"parameters":{}}`);
    isError(t, answer, 'SCHEMA_VIOLATION', '"bot_id" must be integer or string');
  }
});

test('parameters are required and an object', async (t) => {
  isError(t, await send('{"user_id":1}'), 'SCHEMA_VIOLATION', '"parameters" is required');
  for (const text of ['null', '[]', '"{}"', '1', 'true']) {
    const answer = await send(`{"user_id":1,"parameters":${text}}`);
    isError(t, answer, 'SCHEMA_VIOLATION', '"parameters" must be object');
  }
});

test('the body itself is an object', async (t) => {
  for (const body of ['null', '[]', '"text"', '1', 'true', `[${envelope({})}]`]) {
    isError(t, await send(body), 'SCHEMA_VIOLATION', 'The body must be object');
  }
});

test('keys that the envelope does not have are ignored', async (t) => {
  t.strictSame(dataOf(await send(envelope({}, { extra: [1], hasOwnProperty: 1 }))), {
    requestId: 'id',
    userId: '1',
  });
});
