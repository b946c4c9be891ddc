/**
 * How answers leave: status line, the headers every answer carries, the body.
 */
import type { HttpResponse } from './uws.ts';

const STATUS_LINES = new Map<number, string>([
  [204, '204 No Content'],
  [400, '400 Bad Request'],
  [401, '401 Unauthorized'],
  [404, '404 Not Found'],
  [405, '405 Method Not Allowed'],
  [413, '413 Content Too Large'],
  [415, '415 Unsupported Media Type'],
  [500, '500 Internal Server Error'],
  [502, '502 Bad Gateway'],
  [503, '503 Service Unavailable'],
  [504, '504 Gateway Timeout'],
]);

/** Bodies up to this many bytes fit the smallest send buffer a socket starts with. */
const SHORT = 16 * 1024;

export interface Answer {
  readonly status: number;
  /** Value of the first header and lines of others, see common-head.ts. */
  readonly head: Uint8Array;
  readonly body: string | Uint8Array;
  /** For Server-Timing. */
  readonly timing?: string | undefined;
  /** Methods that are answered at this path, for 405. */
  readonly allow?: string | undefined;
  /** Seconds for Retry-After. */
  readonly retryAfter?: number | undefined;
  /** The request was HEAD: the body's headers go out, the body does not. */
  readonly headOnly: boolean;
  /** Ends the connection behind the answer. */
  readonly close: boolean;
}

/**
 * Sends an answer; call inside `cork` or synchronously in the handler, and at most once per response. False:
 * the client has not taken all of a long body yet, and the caller sees to the rest.
 */
export function respond(res: HttpResponse, answer: Answer): boolean {
  if (answer.status !== 200) res.writeStatus(STATUS_LINES.get(answer.status) ?? `${answer.status} Unknown`);
  res.writeHeader('Content-Type', answer.head);
  if (answer.timing !== undefined) res.writeHeader('Server-Timing', answer.timing);
  if (answer.retryAfter !== undefined) res.writeHeader('Retry-After', String(answer.retryAfter));
  if (answer.allow !== undefined) res.writeHeader('Allow', answer.allow);
  // RFC 9110 wants to know how; the reader of a guessed-at server should not.
  if (answer.status === 401) res.writeHeader('WWW-Authenticate', 'hotlane');
  const { body, close } = answer;
  if (answer.headOnly) {
    res.endWithoutBody(Buffer.byteLength(body), close);
  } else if (typeof body === 'string' || body.byteLength <= SHORT) {
    res.end(body, close);
  } else {
    if (close) res.writeHeader('Connection', 'close');
    const [, isSent] = res.tryEnd(body, body.byteLength);
    return isSent;
  }
  return true;
}

/** The answer to a CORS preflight; `close` ends the connection behind it. */
export function respondToPreflight(res: HttpResponse, close: boolean): void {
  res.writeStatus('204 No Content');
  res.writeHeader('Access-Control-Allow-Origin', '*');
  res.writeHeader('Access-Control-Allow-Methods', 'GET, POST, OPTIONS');
  res.writeHeader(
    'Access-Control-Allow-Headers',
    'Content-Type, Accept, X-Request-Id, traceparent, X-Coze-User-Id, X-Coze-Bot-Id, X-Coze-Conversation-Id, ' +
      'X-Aiplugin-Connector-Identifier, X-AIPlugin-Bot-ID, X-AIPlugin-Conversation-ID, X-Tt-Logid, ' +
      'X-Server-Timing, X-Coze-Plugin-Signature, *',
  );
  res.writeHeader('Access-Control-Max-Age', '86400');
  // A 204 has no length; but the library closes only where it is given one, and makes one up from undefined.
  if (close) res.endWithoutBody(0, true);
  else res.endWithoutBody();
}
