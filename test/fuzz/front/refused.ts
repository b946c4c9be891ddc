/**
 * Requests whose end is in doubt, or that the HTTP library turns down by itself, with the statuses it does so
 * with (README, "What this design is not good at"). What stands behind them must never be run.
 */
import type { Dice } from '../dice.ts';
import { SMUGGLED } from './payload.ts';
import type { Expectation } from './script.ts';

/** Not all that are wrong: blanks and nothing are 0 to the library, and `:` waits for more, as `;` does. */
const CHUNK_SIZES = ['xyz', '-1f', '+1f', '0x1f', 'f'.repeat(17)] as const;
const BODY = '{"user_id":"1","parameters":{}}';

interface Refused {
  readonly head: string;
  readonly body: string;
  readonly status: 400 | 413 | 431 | 505;
}

const head = (...lines: readonly string[]): string =>
  ['POST /execute/echo HTTP/1.1', 'Host: fuzz', 'Content-Type: application/json', ...lines, '', ''].join(
    '\r\n',
  );

function oneOf(dice: Dice): Refused {
  const length = `Content-Length: ${BODY.length}`;
  const framing = (...lines: string[]): Refused => ({ head: head(...lines), body: BODY, status: 400 });
  const chunked = (body: string): Refused => ({ ...framing('Transfer-Encoding: chunked'), body });
  return dice.pick<() => Refused>([
    () => framing(length, length),
    () => framing(length, 'content-length: 3'),
    () => framing('Content-Length: 3', length),
    () => framing('Content-Length:'),
    () =>
      framing(`Content-Length: ${dice.pick(['+31', '-31', '0x1f', '31, 31', '3 1', '31.', '9'.repeat(30)])}`),
    () =>
      framing(
        `Transfer-Encoding: ${dice.pick(['xchunked', 'Chunked', 'gzip, chunked', 'identity', 'chunked;'])}`,
      ),
    () => framing('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
    () => framing(length, 'Transfer-Encoding: chunked'),
    () => framing('Transfer-Encoding: chunked', length),
    () => framing(length, 'Host: other'),
    () => ({ ...framing(length), head: head(length).replace('Host: fuzz\r\n', '') }),
    () => framing(`Content-Length : ${BODY.length}`),
    () => framing(length, 'X-Folded: a\r\n b'),
    () => framing(length, 'X-Nul: a\0b'),
    () => chunked(`${dice.pick(CHUNK_SIZES)}\r\n${BODY}\r\n0\r\n\r\n`),
    () => ({
      ...framing(length),
      head: head(length).replace('HTTP/1.1', dice.pick(['HTTP/1.0', 'HTTP/3.1', 'HTTQ/1.1'])),
      status: 505,
    }),
    () => ({
      ...framing(length),
      head: head(length).replace('/execute', 'http://fuzz/execute'),
      status: 505,
    }),
    () => ({ ...framing(length), head: head(length).replace('/execute/echo', '*'), status: 505 }),
    () => ({ ...framing(length, `X-Long: ${'x'.repeat(17_000)}`), status: 431 }),
    () => ({ ...framing(length, ...Array.from({ length: 110 }, () => 'X-Many: x')), status: 431 }),
    () => ({
      head: head(`Content-Length: ${dice.pick([16_777_217, 2 ** 40, 999_999_999_999_999])}`),
      body: '',
      status: 413,
    }),
  ])();
}

/** Its bytes, half the time with a request behind it in the same piece. */
export function refused(dice: Dice): { readonly bytes: string; readonly expects: Expectation } {
  const { head: start, body, status } = oneOf(dice);
  if (status === 413 || dice.chance(0.5)) {
    return { bytes: start + body, expects: { kind: 'refusal', statuses: [status], silently: false } };
  }
  return {
    bytes: start + dice.pick(['', body]) + SMUGGLED,
    // The library ends a connection without an answer when more comes behind a request that still waits for its
    // own, and without the body meant for it the request may be wrong in another way.
    expects: { kind: 'refusal', statuses: [status, 400], silently: true },
  };
}
