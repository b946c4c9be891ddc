/**
 * Requests that are no calls of tools: documents, consent pages, callbacks. The front reads them whole and hands them to
 * whoever serves their path; they are rare, and nothing of them is in the way of calls.
 */
import { type ErrorCode, errorSpec } from '../core/errors.ts';
import { errorBody } from './reply-body.ts';

export interface PageRequest {
  readonly method: 'GET' | 'POST';
  /** Without the query. */
  readonly path: string;
  /** As received, without the question mark; '' when there is none. */
  readonly query: string;
  /** By name in lower case; of a header that comes twice, both values, joined by a comma and a blank. */
  readonly headers: ReadonlyMap<string, string>;
  /** At most 1 MiB; empty for a GET. */
  readonly body: Uint8Array;
  readonly requestId: string;
}

export interface PageAnswer {
  readonly status: number;
  /** Content-Type among them. Names and values must be safe in a header: nothing of a request unchecked. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A rejection is answered with 500 and logged. */
export type PageHandler = (request: PageRequest) => Promise<PageAnswer>;

/** What is served at one path. */
export interface Page {
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST')[];
  readonly handle: PageHandler;
}

const JSON_HEADERS = { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' };

/** `body`: already encoded. */
export function jsonAnswer(status: number, body: string): PageAnswer {
  return { status, headers: JSON_HEADERS, body };
}

/** A row of the error table; `detail` says more than its sentence. */
export function errorAnswer(code: ErrorCode, requestId: string, detail?: string): PageAnswer {
  const { status, retryAfter } = errorSpec(code);
  const answer = jsonAnswer(status, errorBody(code, requestId, detail));
  if (retryAfter === undefined) return answer;
  return { ...answer, headers: { ...JSON_HEADERS, 'Retry-After': String(retryAfter) } };
}
