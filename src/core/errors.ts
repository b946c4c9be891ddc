/**
 * Every way a call can fail, as one closed table: code, HTTP status, and the sentence that says what to do.
 * README's error table is held to this file by a test.
 *
 * The codes are stable: callers and alerts may match on them.
 */

/** One row of the table. `retryAfter` is in seconds and becomes the Retry-After header. */
export interface ErrorSpec {
  readonly status: number;
  /** What happened and what the reader can do about it. Extended by a detail where one helps. */
  readonly sentence: string;
  readonly retryAfter?: number;
}

export const ERRORS = {
  NOT_JSON: { status: 400, sentence: 'The body is not valid JSON; send one JSON object.' },
  NOT_UTF8: {
    status: 400,
    sentence: 'The body is not valid UTF-8; encode it as UTF-8 without a byte order mark.',
  },
  TOO_DEEP: { status: 400, sentence: 'The body nests deeper than 128 levels; flatten it.' },
  FORBIDDEN_KEY: {
    status: 400,
    sentence: 'The key "__proto__" is not allowed anywhere in the body; rename it.',
  },
  SCHEMA_VIOLATION: { status: 400, sentence: 'The body does not match the schema of the tool.' },
  IDENTITY_CONFLICT: {
    status: 400,
    sentence: 'Headers and body name different users or bots; send each id once, or the same everywhere.',
  },
  NO_EVENT_ID: {
    status: 400,
    sentence:
      'The event names no event_id in its header or at its top; send it as a text of 1 to 128 characters.',
  },
  BAD_FRAMING: {
    status: 400,
    sentence:
      'The message framing is ambiguous; send exactly one Content-Length of digits, or Transfer-Encoding: chunked.',
  },
  UNAUTHORIZED: {
    status: 401,
    sentence:
      'The call is not authenticated; the owner of the server finds the reason in the log by the request id.',
  },
  NOT_FOUND: {
    status: 404,
    sentence:
      'Nothing answers at this path; calls go to POST /execute/{plugin}/{tool} or /p/{plugin}/{tool}.',
  },
  UNKNOWN_PLUGIN: {
    status: 404,
    sentence: 'No plugin of this name is loaded; check the spelling and the log.',
  },
  UNKNOWN_TOOL: { status: 404, sentence: 'The plugin has no tool of this name; check the spelling.' },
  NO_DEFAULT_PLUGIN: {
    status: 404,
    sentence:
      'Several plugins are loaded and none is the default; name one in the path or set defaultPlugin.',
  },
  NO_DEFAULT_TOOL: {
    status: 404,
    sentence: 'The plugin has several tools; name one in the path: /execute/{plugin}/{tool}.',
  },
  NOT_OFFERED: {
    status: 404,
    sentence:
      'Coze cannot express what this tool takes or gives; hotlane lint says why. Call it by POST /execute/{plugin}/{tool}.',
  },
  NO_EVENT_PLUGIN: {
    status: 404,
    sentence: 'No plugin takes this event; name one that has onEvent: POST /coze/callback/{plugin}.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    sentence: 'This path answers other methods only; the Allow header names them.',
  },
  BODY_TOO_LARGE: { status: 413, sentence: 'The body is larger than 1 MiB; send less.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    sentence: 'The body must be sent as Content-Type: application/json.',
  },
  PLUGIN_FAULT: {
    status: 500,
    sentence: 'The plugin failed; its owner finds the reason in the log by the request id.',
  },
  BAD_OUTPUT: {
    status: 500,
    sentence:
      'The plugin gave an answer outside its own schema; its owner finds the reason in the log by the request id.',
  },
  WORKER_DIED: {
    status: 502,
    sentence: 'The worker thread running this call ended; the call may or may not have had effect.',
  },
  PLUGIN_INACTIVE: {
    status: 503,
    sentence: 'The plugin is switched off for now; try again later.',
    retryAfter: 10,
  },
  CIRCUIT_OPEN: {
    status: 503,
    sentence: 'Most recent calls of this tool failed, so it is not called for a while; try again later.',
    retryAfter: 10,
  },
  OVERLOADED: {
    status: 503,
    sentence: 'The call could not start in time behind those that wait already; try again later.',
    retryAfter: 1,
  },
  PLUGIN_BUSY: {
    status: 503,
    sentence: 'The plugin has as many calls waiting as it may; try again shortly.',
    retryAfter: 1,
  },
  QUEUE_FULL: { status: 503, sentence: 'Too many calls are waiting; try again shortly.', retryAfter: 1 },
  NOT_READY: { status: 503, sentence: 'No worker is ready yet; try again shortly.', retryAfter: 1 },
  SHUTTING_DOWN: {
    status: 503,
    sentence: 'The server is shutting down; try again on another instance.',
    retryAfter: 1,
  },
  DEADLINE_EXCEEDED: { status: 504, sentence: 'The call did not finish before its deadline.' },
} as const satisfies Readonly<Record<string, ErrorSpec>>;

/** A key of the error table. */
export type ErrorCode = keyof typeof ERRORS;

/** The table row of a code, widened so that optional columns can be read on every row. */
export function errorSpec(code: ErrorCode): ErrorSpec {
  return ERRORS[code];
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}
