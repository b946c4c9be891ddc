import * as fc from 'fast-check';
import { test } from 'tap';
import { type CallIdentity, NO_IDENTITY } from '../../src/wire/context-frame.ts';
import { openEnvelope } from '../../workers/envelope.ts';

const HEADERS: CallIdentity = { ...NO_IDENTITY, userId: '77', botId: 'bot-of-header' };

const open = (text: string, headers = NO_IDENTITY) => openEnvelope(JSON.parse(text), text, headers);

/** The refusal's sentence. */
const refusal = (text: string, headers = NO_IDENTITY): string | undefined => {
  const envelope = open(text, headers);
  return envelope.kind === 'refused' ? envelope.detail : undefined;
};

const SIGNED_64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test('parameters and ids are taken out of the envelope', async (t) => {
  t.strictSame(open('{"user_id": 1, "bot_id": 2, "parameters": {"a": [1]}}'), {
    kind: 'call',
    parameters: { a: [1] },
    userId: '1',
    botId: '2',
  });
});

test('every 64-bit id keeps all its digits, as a number and as text', async () => {
  fc.assert(
    fc.property(SIGNED_64, SIGNED_64, fc.boolean(), (user, bot, quoted) => {
      const [first, second] = quoted ? [`"${user}"`, `"${bot}"`] : [user, bot];
      const envelope = open(`{"parameters":{},"bot_id": ${second} ,\n"user_id":${first}}`);
      return envelope.kind === 'call' && envelope.userId === `${user}` && envelope.botId === `${bot}`;
    }),
    { numRuns: 300 },
  );
});

test('the digits are those of the envelope’s own id, not of one with the same name further in', async (t) => {
  const text =
    '{"parameters":{"user_id":9223372036854775801,"list":[{"user_id":9223372036854775802}]},' +
    '"user_id":9223372036854775803,"x":{"user_id":9223372036854775804}}';
  t.match(open(text), { kind: 'call', userId: '9223372036854775803' });
});

test('of an id given twice the last one counts, as everywhere in JSON', async (t) => {
  t.match(open('{"user_id":9223372036854775801,"user_id":9223372036854775802,"parameters":{}}'), {
    userId: '9223372036854775802',
  });
});

test('an id that is no integer is refused in the specification’s words', async (t) => {
  for (const id of ['1.5', '"abc"', '""', '"1.0"', 'true', 'null', '{}', '[1]', '"12 "', '1e300', '"0x10"']) {
    t.equal(refusal(`{"user_id":${id},"parameters":{}}`), '"user_id" must be integer', id);
  }
  t.equal(refusal('{"user_id":1,"bot_id":1.5,"parameters":{}}'), '"bot_id" must be integer or string');
  t.equal(refusal('{"user_id":1,"bot_id":null,"parameters":{}}'), '"bot_id" must be integer or string');
});

test('a number that is an integer in other notation is taken as that integer', async (t) => {
  t.match(open('{"user_id":1e3,"bot_id":2.0,"parameters":{}}'), { userId: '1000', botId: '2' });
});

test('what is missing is named', async (t) => {
  t.equal(refusal('{"parameters":{}}'), '"user_id" is required');
  t.equal(refusal('{"user_id":1}'), '"parameters" is required');
  t.match(open('{"user_id":1,"parameters":{}}'), { kind: 'call', botId: undefined }, 'the bot is optional');
});

test('parameters and the body itself must be objects', async (t) => {
  for (const value of ['[]', '"x"', '1', 'null', 'true']) {
    t.equal(refusal(value), 'The body must be object', value);
    t.equal(refusal(`{"user_id":1,"parameters":${value}}`), '"parameters" must be object', value);
  }
});

test('an id that the headers give need not be in the body', async (t) => {
  t.match(open('{"parameters":{}}', HEADERS), { kind: 'call', userId: '77', botId: 'bot-of-header' });
});

test('an id in the body is looked at even where the headers give one, and must be the same', async (t) => {
  t.match(open('{"user_id":5,"bot_id":"b","parameters":{}}', HEADERS), {
    kind: 'refused',
    code: 'IDENTITY_CONFLICT',
  });
  t.equal(refusal('{"user_id":"x","parameters":{}}', HEADERS), '"user_id" must be integer');
});
