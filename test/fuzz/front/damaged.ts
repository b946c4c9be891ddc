/** Good requests with mistakes in them. */
import type { Dice } from '../dice.ts';
import type { WellFormed } from './well-formed.ts';

/** What is put in: what parsers trip over. */
const STRAY = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  ' ',
  ':',
  '\t',
  '\xff',
  '\x80',
  '%00',
  '0',
  '-',
  'ffffffffffffffff',
  ';name=value',
  'HTTP/1.1',
  'HTTP/1.0',
  'Content-Length: 5\r\n',
  'Content-Length: 99999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Host: other\r\n',
  'Connection: close\r\n',
  'Expect: 100-continue\r\n',
  'GET / HTTP/1.1\r\nHost: fuzz\r\n\r\n',
  '0\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00',
] as const;

/** One to three requests with one to eight mistakes. */
export function damaged(dice: Dice, next: () => WellFormed): string {
  let bytes = Array.from({ length: dice.between(1, 3) }, () => next().bytes).join('');
  for (let left = dice.pick([1, 1, 2, 3, 8]); left > 0; left--) bytes = damage(dice, bytes);
  // With a damaged length, what was a body may rightly be a request.
  return bytes.replaceAll('/smuggled', '/elsewhere');
}

function damage(dice: Dice, bytes: string): string {
  // Mostly near the beginning, where the head is.
  const at = dice.chance(0.7) ? dice.below(Math.min(bytes.length, 300) + 1) : dice.below(bytes.length + 1);
  const length = dice.pick([1, 1, 2, dice.below(200)]);
  const before = bytes.slice(0, at);
  const part = bytes.slice(at, at + length);
  const behind = bytes.slice(at + length);
  return dice.pick([
    () => before + dice.pick(STRAY) + part + behind,
    () => before + dice.pick(STRAY) + behind,
    () => before + String.fromCharCode(dice.below(256)) + bytes.slice(at + 1),
    () => before + behind,
    () => before + part + part + behind,
    () => before + 'x'.repeat(dice.below(20_000)) + part + behind,
    () => before,
    () => bytes.replaceAll('\r\n', dice.pick(['\n', '\r', '\r\r\n', '\r\n '])),
    () => bytes.replace(/\d+/, dice.pick(['0', '1', '-1', '', '4294967296', '18446744073709551616'])),
    () => bytes + dice.pick(STRAY),
  ])();
}
