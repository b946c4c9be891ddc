/**
 * From a plugin's result to the text of an answer.
 */
import { Buffer } from 'node:buffer';
import type { ErrorCode } from '../src/core/errors.ts';
import { SUCCESS, TOOL_ERROR } from '../src/wire/outcome.ts';
import { successBody, toolErrorBody } from '../src/wire/reply-body.ts';
import type { Check } from './schema.ts';
import { messageOf } from './thrown.ts';

/** Longest answer in bytes of UTF-8. The front's buffer for a slow reader grows by at most this. */
export const LONGEST_REPLY = 16 * 1024 * 1024;

/** What goes out beside the texts of an answer in pieces, in UTF-16 units: it has to fit the last packet. */
const LONGEST_REST = 15_000;

export type Encoded =
  | { readonly kind: 'body'; readonly outcome: number; readonly body: string }
  /** The answer is the plugin's fault; `reason` is for its log, not for the caller. */
  | { readonly kind: 'fault'; readonly code: ErrorCode; readonly reason: string };

const fault = (reason: string): Encoded => ({ kind: 'fault', code: 'BAD_OUTPUT', reason });

/** The call a result is the answer to. */
export interface Answered {
  readonly requestId: string;
  readonly tool: { readonly checkOutput: Check };
  /** The result is only what is left beside the texts, which have gone out. */
  readonly isStreamed: boolean;
  /** The result as its caller may see it. */
  shown(result: unknown): unknown;
}

/** `result`: whatever the plugin gave back, settled. Looking at it may run plugin code (getters, toJSON), which may throw. */
export function encodeResult(result: unknown, call: Answered): Encoded {
  try {
    if (result instanceof Error)
      return bounded(TOOL_ERROR, toolErrorBody(String(result.message), call.requestId));
    const problem = call.isStreamed ? undefined : call.tool.checkOutput(result);
    if (problem !== undefined) return fault(`the answer does not match the output schema: ${problem}`);
    const json: string | undefined = JSON.stringify(call.shown(result));
    if (json === undefined) return fault('the answer is not JSON');
    if (call.isStreamed && json.length > LONGEST_REST)
      return fault(`what the generator returns is longer than ${LONGEST_REST} characters of JSON`);
    return bounded(SUCCESS, successBody(json));
  } catch (error) {
    return fault(`the answer is not JSON: ${messageOf(error)}`);
  }
}

function bounded(outcome: number, body: string): Encoded {
  // A UTF-16 unit takes at most three bytes, so the bytes of an ordinary answer need no counting.
  if (body.length * 3 > LONGEST_REPLY && Buffer.byteLength(body) > LONGEST_REPLY) {
    return fault(`the answer is longer than ${LONGEST_REPLY} bytes`);
  }
  return { kind: 'body', outcome, body };
}
