/** Requests that HTTP allows, from the plain to the odd, each with the one answer it must get. */
import type { ErrorCode } from '../../../src/core/errors.ts';
import type { Dice } from '../dice.ts';
import { badPayload, goodPayload, type Payload } from './payload.ts';
import type { ExpectedAnswer } from './script.ts';

export interface WellFormed {
  /** One character a byte. */
  readonly bytes: string;
  readonly answer: ExpectedAnswer;
  /** The connection ends behind the answer, as the request asks. */
  readonly closes: boolean;
  /** Answered before its body is read. */
  readonly isEarly: boolean;
}

/** Where calls of the echo tool go. */
const CALL_TARGETS = [
  '/execute/echo',
  '/execute/echo/echo',
  '/execute/echo/',
  '/execute/echo/echo/',
  '/execute/echo?',
  '/execute/echo?a=%zz&b=%00&/execute/smuggled',
] as const;

/** Where nothing is, and what is said of it. */
const OTHER_TARGETS: readonly [string, ErrorCode][] = [
  ['/', 'NOT_FOUND'],
  ['//execute/echo', 'NOT_FOUND'],
  ['/execute/../execute/smuggled', 'NOT_FOUND'],
  ['/%65xecute/echo', 'NOT_FOUND'],
  ['/EXECUTE/echo', 'NOT_FOUND'],
  ['/execute', 'NO_DEFAULT_PLUGIN'],
  ['/execute/', 'NO_DEFAULT_PLUGIN'],
  ['/execute//', 'UNKNOWN_PLUGIN'],
  ['/execute/nope', 'UNKNOWN_PLUGIN'],
  ['/execute/__proto__', 'UNKNOWN_PLUGIN'],
  ['/execute/echo%2Fecho', 'UNKNOWN_PLUGIN'],
  ['/execute/echo#echo', 'UNKNOWN_PLUGIN'],
  [`/execute/${'%e2'.repeat(3000)}`, 'UNKNOWN_PLUGIN'],
  ['/execute/echo/constructor', 'UNKNOWN_TOOL'],
  ['/execute/echo/%00', 'UNKNOWN_TOOL'],
];

const OTHER_METHODS = ['GET', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'BREW', 'post', 'HEAD', 'OPTIONS'] as const;

/** `id`: stands in the payload and perhaps in X-Request-Id; no other request has it. */
export function wellFormed(dice: Dice, id: string): WellFormed {
  if (dice.chance(0.15)) return otherMethod(dice, id);
  const userInHeader = dice.chance(0.2);
  const payload = dice.chance(0.75) ? goodPayload(dice, id, userInHeader) : badPayload(dice, id);
  const user = userInHeader && payload.status === 200 ? ['X-Coze-User-Id: 18446744073709551615'] : [];
  if (dice.chance(0.1)) {
    const [target, code] = OTHER_TARGETS[dice.below(OTHER_TARGETS.length)] ?? ['/', 'NOT_FOUND'];
    return built(dice, id, 'POST', target, JSON_TYPES[0], { ...small(payload), status: 404, code });
  }
  if (dice.chance(0.05)) {
    const type = dice.pick(['Content-Type: text/plain', 'Content-Type: application/jsonx', 'X-No-Type: 1']);
    const refused: Payload = { ...small(payload), status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' };
    return built(dice, id, 'POST', dice.pick(CALL_TARGETS), type, refused);
  }
  return built(dice, id, 'POST', dice.pick(CALL_TARGETS), dice.pick(JSON_TYPES), payload, user);
}

const JSON_TYPES = [
  'Content-Type: application/json',
  'content-type:application/json',
  'CONTENT-TYPE: Application/JSON;charset=utf-8',
  'Content-Type: application/json \t; charset="UTF-8"; x=y',
] as const;

/** Without the text of an answer. Of a body over the limit, only a part, so that the limit has no say. */
function small({ bytes }: Payload): Pick<Payload, 'bytes'> {
  return { bytes: bytes.slice(0, 100_000) };
}

function otherMethod(dice: Dice, id: string): WellFormed {
  const method = dice.pick(OTHER_METHODS);
  const [target, code]: readonly [string, ErrorCode] = dice.chance(0.5)
    ? [dice.pick(CALL_TARGETS), 'METHOD_NOT_ALLOWED']
    : ['/elsewhere', 'NOT_FOUND'];
  const status = method === 'OPTIONS' ? 204 : code === 'NOT_FOUND' ? 404 : 405;
  const bytes = dice.chance(0.3) ? 'x'.repeat(dice.below(2000)) : '';
  return built(dice, id, method, target, 'Accept: */*', {
    bytes,
    status,
    ...(status !== 204 && { code }),
  });
}

function built(
  dice: Dice,
  id: string,
  method: string,
  target: string,
  type: string,
  { bytes, status, body, code }: Payload,
  more: readonly string[] = [],
): WellFormed {
  const isChunked = bytes !== '' && dice.chance(0.35);
  const closes = dice.chance(0.05);
  const givesId = dice.chance(0.5);
  const lines = [type, ...more, ...junk(dice)];
  if (givesId) lines.push(`X-Request-Id: ${id}`);
  else if (dice.chance(0.1)) lines.push(`X-Request-Id: ${dice.pick(['', 'a b', 'x'.repeat(129)])}`);
  if (closes) lines.push('Connection: close');
  if (isChunked) lines.push('Transfer-Encoding: chunked');
  else if (bytes !== '' || dice.chance(0.8)) lines.push(lengthLine(dice, bytes.length));
  const head = ['Host: fuzz', ...shuffled(dice, lines)].join('\r\n');
  const isHead = method === 'HEAD';
  return {
    bytes: `${method} ${target} HTTP/1.1\r\n${head}\r\n\r\n${isChunked ? inChunks(dice, bytes) : bytes}`,
    answer: {
      status,
      ...(body !== undefined && { body }),
      ...(code !== undefined && { code }),
      ...(givesId && { requestId: id }),
      ...(isHead && { isHead }),
    },
    closes,
    isEarly: status === 204 || status === 404 || status === 405 || status === 415,
  };
}

function lengthLine(dice: Dice, length: number): string {
  return dice.pick([
    `Content-Length: ${length}`,
    `content-length:${length}`,
    `CONTENT-LENGTH: \t ${length} \t `,
    `Content-Length: 000${length}`,
  ]);
}

/** Headers nobody asked for. */
function junk(dice: Dice): string[] {
  const value = (): string =>
    dice.pick(['', 'x', '\xc3\xa9\xff', ', ; : =', '\t', '"', 'chunked', 'x'.repeat(dice.below(3000))]);
  const count = dice.pick([0, 0, 1, 3, dice.below(80)]);
  const lines = Array.from({ length: count }, (_, index) => `X-Junk-${index}: ${count > 3 ? 'x' : value()}`);
  if (dice.chance(0.1)) lines.push('Cookie: a=b', 'Cookie: c=d');
  if (dice.chance(0.05)) lines.push('Upgrade: websocket');
  if (dice.chance(0.05)) lines.push('Expect: 100-continue');
  return lines;
}

function shuffled(dice: Dice, lines: readonly string[]): string[] {
  return lines
    .map((line) => ({ line, place: dice.below(1e6) }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ line }) => line);
}

/** Chunks of any size, sizes in upper and lower case and with zeros in front. */
export function inChunks(dice: Dice, bytes: string): string {
  const largest = dice.pick([1, 7, 200, 5000, 200_000]);
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const step = bytes.length > 20_000 && largest < 200 ? 5000 : largest;
    const piece = bytes.slice(at, at + dice.between(1, step));
    const size = piece.length.toString(16);
    text += `${dice.chance(0.2) ? '000' : ''}${dice.chance(0.5) ? size.toUpperCase() : size}\r\n${piece}\r\n`;
    at += piece.length;
  }
  return `${text}0\r\n\r\n`;
}
