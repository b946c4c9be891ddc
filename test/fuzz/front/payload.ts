/** Bodies of calls, and what they are answered with. */
import type { ErrorCode } from '../../../src/core/errors.ts';
import type { Dice } from '../dice.ts';

export interface Payload {
  /** Bytes, one character each. */
  readonly bytes: string;
  readonly status: number;
  /** Status 200: the whole answer. */
  readonly body?: string;
  readonly code?: ErrorCode;
}

const MiB = 1024 * 1024;

/** A request that must never be run: it stands where no request begins. */
export const SMUGGLED =
  'POST /execute/smuggled HTTP/1.1\r\nHost: fuzz\r\nContent-Type: application/json\r\nContent-Length: 32\r\n\r\n' +
  '{"user_id":"1","parameters":{} }';

const CHARACTERS = [
  'a',
  'Z',
  ' ',
  '"',
  '\\',
  '/',
  '\u0000',
  '\r\n',
  '\u007f',
  'é',
  '\u2028',
  '漢',
  '😀',
  '\ud800',
  'HTTP/1.1 200 OK\r\n\r\n',
] as const;

/** A good call of the echo tool; `id` shows in its answer whose it is. */
export function goodPayload(dice: Dice, id: string, userInHeader: boolean): Payload {
  const parameters = { id, n: dice.below(1e9) - 5e8, text: text(dice), list: [null, true, -0.5, {}, []] };
  const user = userInHeader ? {} : { user_id: dice.chance(0.5) ? '7' : dice.below(1e9) };
  const json = JSON.stringify({ ...user, parameters }, undefined, dice.pick(['', '', '\t', '  ']));
  const filled = dice.chance(0.02) ? padded(json, MiB) : json;
  return { bytes: latin1(filled), status: 200, body: successOf(parameters) };
}

const refused = (bytes: string, status: number, code: ErrorCode): Payload => ({ bytes, status, code });

/** Bodies that no tool gets to see. */
export function badPayload(dice: Dice, id: string): Payload {
  const good = JSON.stringify({ user_id: 1, parameters: { id } });
  return dice.pick([
    () => refused('', 400, 'NOT_JSON'),
    () => refused(good.slice(0, dice.between(1, good.length - 1)), 400, 'NOT_JSON'),
    () => refused(SMUGGLED, 400, 'NOT_JSON'),
    () => refused(`${good}\0`, 400, 'NOT_JSON'),
    () => refused(good.replace(id, '\xff\xfe'), 400, 'NOT_UTF8'),
    () => refused(`\xef\xbb\xbf${good}`, 400, 'NOT_UTF8'),
    () => refused(good.replace('"id"', '"__proto__"'), 400, 'FORBIDDEN_KEY'),
    () => refused('['.repeat(400) + ']'.repeat(400), 400, 'TOO_DEEP'),
    () => refused('{"parameters":{}}', 400, 'SCHEMA_VIOLATION'),
    () => refused('{"user_id":1.5,"parameters":{}}', 400, 'SCHEMA_VIOLATION'),
    () =>
      dice.chance(0.2)
        ? refused(padded(good, MiB + 1 + dice.below(MiB)), 413, 'BODY_TOO_LARGE')
        : refused('null', 400, 'SCHEMA_VIOLATION'),
  ])();
}

function successOf(parameters: object): string {
  return `{"status":"success","data":${JSON.stringify(parameters)}}`;
}

function text(dice: Dice): string {
  const length = dice.pick([0, 3, 40, 40, 300, 300, 5000, dice.below(70_000)]);
  const part = Array.from({ length: Math.min(length, 40) }, () => dice.pick(CHARACTERS)).join('');
  return part.repeat(Math.ceil(length / 40));
}

/** JSON may have any number of blanks in front of it. */
function padded(json: string, bytes: number): string {
  return ' '.repeat(Math.max(0, bytes - Buffer.byteLength(json))) + json;
}

const latin1 = (json: string): string => Buffer.from(json).toString('latin1');
