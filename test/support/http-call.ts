/**
 * Calls a server as an ordinary client does, and what every failed answer must look like.
 */
import type { Test } from 'tap';
import { type ErrorCode, errorSpec } from '../../src/core/errors.ts';
import type { TestServer } from './server.ts';

/** An answer, read to the end. */
export interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null | undefined };
  readonly body: string;
}

/** A body in the form of the contract; `more` stands beside `user_id` and `parameters`. */
export function envelope(parameters: object, more: object = {}): string {
  return JSON.stringify({ user_id: '1', parameters, ...more });
}

export interface PostOptions {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Sends any body to any path, as JSON unless the headers say otherwise. */
export async function post(
  { url }: Pick<TestServer, 'url'>,
  path: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  { headers, signal }: PostOptions = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
    ...(signal !== undefined && { signal }),
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** Calls a tool; `tool` as in `echo/echo`. */
export function call(
  server: Pick<TestServer, 'url'>,
  tool: string,
  parameters: object,
  options: PostOptions = {},
): Promise<Answer> {
  return post(server, `/execute/${tool}`, envelope(parameters), options);
}

/** The `data` of a successful answer. */
export function dataOf({ status, body }: Answer): unknown {
  if (status !== 200) throw new Error(`status ${status}: ${body}`);
  const json: unknown = JSON.parse(body);
  if (typeof json === 'object' && json !== null && 'data' in json) return json.data;
  throw new Error(`no data: ${body}`);
}

/** Checks a failed answer: the row of the error table in the one form all failures have. */
export function isError(
  t: Test,
  answer: Answer | undefined,
  code: ErrorCode,
  message?: string | RegExp,
): void {
  if (answer === undefined) {
    t.fail(`${code} expected, but the connection ended without an answer`);
    return;
  }
  const { headers } = answer;
  const { status, sentence, retryAfter } = errorSpec(code);
  t.equal(answer.status, status, `${code}: status`);
  t.match(JSON.parse(answer.body), { code, message: message ?? sentence }, `${code}: code and message`);
  t.match(
    JSON.parse(answer.body),
    { status: 'error', request_id: headers.get('x-request-id') },
    `${code}: the id stands in header and body`,
  );
  t.same(Object.keys(JSON.parse(answer.body)), ['status', 'code', 'message', 'request_id'], `${code}: keys`);
  t.match(headers.get('x-request-id'), /^[\x21-\x7e]{1,128}$/, `${code}: request id`);
  t.equal(headers.get('content-type'), 'application/json', `${code}: type`);
  t.equal(headers.get('access-control-allow-origin'), '*', `${code}: readable from any origin`);
  t.equal(headers.get('retry-after') ?? undefined, retryAfter?.toString(), `${code}: Retry-After`);
}
