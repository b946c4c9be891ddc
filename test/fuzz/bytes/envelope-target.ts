/** workers/envelope.ts: ids keep every digit, wherever and however often their keys stand in the text. */
import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { NO_IDENTITY } from '../../../src/wire/context-frame.ts';
import { openEnvelope } from '../../../workers/envelope.ts';
import { parseBody } from '../../../workers/parse-body.ts';
import { jsonBytes } from './json-bytes.ts';
import { target } from './target.ts';

/** Keys as JSON can write them. */
const KEYS = [
  '"user_id"',
  '"us\\u0065r_id"',
  '"bot_id"',
  '"b\\u006ft_id"',
  '"parameters"',
  '"x"',
  '"0"',
] as const;
const digits = fc
  .tuple(fc.boolean(), fc.stringMatching(/^(0|[1-9][0-9]{0,21})$/))
  .map(([isNegative, text]) => (isNegative ? `-${text}` : text));
const number = fc.oneof(
  digits,
  digits.map((text) => `${text}.0`),
  digits.map((text) => `${text}e1`),
);
const json = fc.oneof(
  number,
  digits.map((text) => `"${text}"`),
  fc.constantFrom(
    'null',
    '""',
    '{}',
    '[]',
    '{"user_id":18446744073709551615}',
    '[1,[2,{"bot_id":-3}]]',
    '"name"',
  ),
);
const members = fc.array(fc.tuple(fc.constantFrom(...KEYS), json), { maxLength: 8 });

/** What the last member of a name says, which is the one that counts. */
const lastOf = (given: readonly (readonly [string, string])[], name: string): string | undefined =>
  given.findLast(([key]) => JSON.parse(key) === name)?.[1];

export const envelopeTarget = target('envelope', members, (given) => {
  const text = `{${given.map((member) => member.join(':')).join(', ')}}`;
  const opened = openEnvelope(JSON.parse(text), text, NO_IDENTITY);
  const user = idOf(lastOf(given, 'user_id'), false);
  const bot = idOf(lastOf(given, 'bot_id'), true);
  const isCall = user.length === 1 && bot.length < 2 && lastOf(given, 'parameters')?.startsWith('{') === true;
  if (opened.kind === 'refused') return isCall ? `refused: ${opened.detail}` : undefined;
  if (!isCall) return 'taken for a call';
  if (opened.userId !== user[0]) return `user ${opened.userId}, not ${user[0]}`;
  return opened.botId === bot[0] ? undefined : `bot ${opened.botId}, not ${bot[0]}`;
});

/** None, the id, or two: it is no id. */
function idOf(given: string | undefined, isName: boolean): readonly string[] {
  const wrong = ['', ''];
  if (given === undefined) return [];
  if (given.startsWith('"')) {
    const text: unknown = JSON.parse(given);
    return typeof text === 'string' && (isName || /^-?\d{1,20}$/.test(text)) ? [text] : wrong;
  }
  if (/^-?\d{1,20}$/.test(given)) return [given === '-0' ? '0' : given];
  // 1.0 and 1e1 are integers to JSON as well; they are read as numbers, so only as far as numbers are exact.
  const value = Number(given);
  return /^-?\d/.test(given) && Number.isSafeInteger(value) ? [String(value)] : wrong;
}

/** Any JSON whatever: opened or refused in words. */
export const anyEnvelopeTarget = target('any-envelope', jsonBytes, (bytes) => {
  const parsed = parseBody(Buffer.from(bytes), 0, bytes.length);
  if (parsed.kind === 'refused') return undefined;
  const opened = openEnvelope(parsed.value, parsed.text, { ...NO_IDENTITY, userId: '1' });
  if (opened.kind === 'refused') return (opened.detail ?? '').length < 100 ? undefined : opened.detail;
  if (opened.userId === undefined || !/^-?\d{1,20}$/.test(opened.userId)) return `user ${opened.userId}`;
  return typeof opened.parameters === 'object' ? undefined : 'parameters that are no object';
});
