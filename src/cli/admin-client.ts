/** Asks the admin port of a running server. */
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { ADMIN_HEADER } from '../admin/browser-guard.ts';

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
}

export type Reply =
  | { readonly outcome: 'answered'; readonly status: number; readonly text: string }
  /** There was no connection, so nothing was asked. */
  | { readonly outcome: 'unreachable'; readonly reason: string }
  /** The connection ended too early. What was asked may be done all the same. */
  | { readonly outcome: 'broken-off'; readonly reason: string };

/** Longest time for the connection; the answer may take as long as it takes. */
const CONNECT_MS = 5000;
/** An address that has vanished would else be waited for for ever. */
const KEEP_ALIVE_MS = 30_000;

/** Always resolves. `limitMs`: longest time for the whole answer; without it, it may take as long as it takes. */
export async function ask(server: URL, question: Question, limitMs?: number): Promise<Reply> {
  const opened = await open(server, question, limitMs);
  if (opened.outcome !== 'opened') return opened;
  const { response } = opened;
  try {
    return { outcome: 'answered', status: response.statusCode ?? 0, text: await text(response) };
  } catch (error) {
    return { outcome: 'broken-off', reason: reasonOf(error) };
  }
}

/** A reply whose answer has begun and is still to be read. */
export type Opened =
  | { readonly outcome: 'opened'; readonly response: IncomingMessage }
  | Exclude<Reply, { readonly outcome: 'answered' }>;

/** For answers too large to hold. node:http, because the global `fetch` gives up after five minutes. */
export function open(server: URL, { method, path, body }: Question, limitMs?: number): Promise<Opened> {
  return new Promise((resolve) => {
    let connected = false;
    const fail = (error: Error): void => {
      resolve({ outcome: connected ? 'broken-off' : 'unreachable', reason: reasonOf(error) });
    };
    const content = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      [ADMIN_HEADER.name]: ADMIN_HEADER.value,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      'Content-Length': Buffer.byteLength(content),
    };
    // The path is sent as it is: `new URL` would resolve a plugin called `..` away.
    const call = request(server, { method, path, headers, agent: false });
    const patience = setTimeout(() => call.destroy(new Error('no connection within 5 s')), CONNECT_MS);
    const limit =
      limitMs === undefined
        ? undefined
        : setTimeout(() => call.destroy(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
    call.on('socket', (socket) => {
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      socket.once('connect', () => {
        connected = true;
        clearTimeout(patience);
      });
    });
    call.on('response', (response) => resolve({ outcome: 'opened', response }));
    call.on('error', fail);
    call.on('close', () => {
      clearTimeout(patience);
      clearTimeout(limit);
    });
    call.end(content);
  });
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ECONNRESET', 'the connection was ended'],
  ['ENOTFOUND', 'there is no such host'],
  ['EHOSTUNREACH', 'there is no way to this host'],
]);

/** What went wrong with a connection, for people. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  // A name with several addresses fails with the errors of all of them, and no message.
  return REASONS.get(code) ?? (error.message || String(code));
}
