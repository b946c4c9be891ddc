/** One call of the chaos: which plugin, with what, and the bytes of its request. */
import { callPath, type SoakedPlugin, seeds } from '../soaked-plugin.ts';

/** A plugin as the oracle sees it. */
export interface Called extends SoakedPlugin {
  readonly group: 'well-behaved' | 'fault' | 'neighbour';
  /** What its answers may be, beside refusals and the end of its worker or its time. */
  readonly mayEnd: readonly ('right' | 'failed')[];
}

export interface Question {
  readonly plugin: Called;
  readonly text: string;
  readonly seed: number;
  /** No other call has it. */
  readonly requestId: string;
  readonly bytes: Buffer;
  readonly deadlineMs: number;
}

/** Deadline of calls to plugins that name none, in milliseconds; the server is started with it. */
export const usualDeadlineMs = 10_000;
/** Texts longer than this come in all lengths up to theirs. */
const fixedLength = 1000;

/** `number`: of this call in the run. It is in the request's id and all through its text, so that any mix-up shows. */
export function ask(plugin: Called, number: number): Question {
  const own = `${number}.`;
  const text = own.repeat(Math.ceil(plugin.textLength / own.length)).slice(0, lengthOf(plugin, number));
  const seed = number % seeds;
  const requestId = `chaos-${number}`;
  const body = JSON.stringify({ user_id: '7385012345678901234', parameters: { text, seed } });
  const head =
    `POST ${callPath(plugin)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
    `X-Request-Id: ${requestId}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return {
    plugin,
    text,
    seed,
    requestId,
    bytes: Buffer.from(head + body),
    deadlineMs: plugin.timeoutMs ?? usualDeadlineMs,
  };
}

/** Of long texts every fourth is as long as can be: with its context it fits no block of shared memory. */
function lengthOf({ textLength }: Called, number: number): number {
  if (textLength <= fixedLength || number % 4 === 0) return textLength;
  return fixedLength + Math.floor((textLength - fixedLength) * ((number * 0.618) % 1));
}
