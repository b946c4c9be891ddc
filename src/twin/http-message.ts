/** Requests and answers of the twin's own server as plain values. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from './json.ts';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const LARGEST_BODY = 1024 * 1024;

/** Undefined: the body is larger than 1 MiB. */
export async function readRequest(incoming: IncomingMessage): Promise<Request | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > LARGEST_BODY) return undefined;
    chunks.push(part);
  }
  const url = new URL(incoming.url ?? '/', 'http://twin');
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'Cache-Control': 'no-store' });
  response.end(body);
}

export function json(status: number, value: Json): Answer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}

export function html(status: number, body: string): Answer {
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body };
}

export function redirect(to: string): Answer {
  return { status: 302, headers: { Location: to }, body: '' };
}

/** What stands behind `Bearer`; '' when nothing does. */
export function bearerOf({ headers }: Request): string {
  const { authorization } = headers;
  return typeof authorization === 'string' ? (/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '') : '';
}
