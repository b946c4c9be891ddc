/**
 * From a plugin's result to the text of an answer.
 */
import type { ErrorCode } from '../src/core/errors.ts';
import { SUCCESS, TOOL_ERROR } from '../src/wire/outcome.ts';
import { successBody, toolErrorBody } from '../src/wire/reply-body.ts';
import type { Check } from './schema.ts';

/** Longest answer in bytes of UTF-8. The front's buffer for a slow reader grows by at most this. */
export const LONGEST_REPLY = 16 * 1024 * 1024;

export type Encoded =
  | { readonly kind: 'body'; readonly outcome: number; readonly body: string }
  /** The answer is the plugin's fault; `reason` is for its log, not for the caller. */
  | { readonly kind: 'fault'; readonly code: ErrorCode; readonly reason: string };

const fault = (reason: string): Encoded => ({ kind: 'fault', code: 'BAD_OUTPUT', reason });

/** `result`: whatever the plugin gave back, settled. */
export function encodeResult(result: unknown, conforms: Check, requestId: () => string): Encoded {
  if (result instanceof Error) {
    return { kind: 'body', outcome: TOOL_ERROR, body: toolErrorBody(result.message, requestId()) };
  }
  const problem = conforms(result);
  if (problem !== undefined) return fault(`the answer does not match the output schema: ${problem}`);
  let json: string | undefined;
  try {
    json = JSON.stringify(result);
  } catch (error) {
    return fault(`the answer is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (json === undefined) return fault('the answer is not JSON');
  if (json.length > LONGEST_REPLY) return fault(`the answer is longer than ${LONGEST_REPLY} characters`);
  return { kind: 'body', outcome: SUCCESS, body: successBody(json) };
}
