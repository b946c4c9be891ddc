/** Asks the admin port of a running server. */
import { request } from 'node:http';
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

/** Always resolves. node:http, because the global `fetch` gives up after five minutes. */
export function ask(server: URL, { method, path, body }: Question): Promise<Reply> {
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
    call.on('socket', (socket) => {
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      socket.once('connect', () => {
        connected = true;
        clearTimeout(patience);
      });
    });
    call.on('response', (response) => {
      text(response).then(
        (answer) => resolve({ outcome: 'answered', status: response.statusCode ?? 0, text: answer }),
        fail,
      );
    });
    call.on('error', fail);
    call.on('close', () => clearTimeout(patience));
    call.end(content);
  });
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ECONNRESET', 'the connection was ended'],
  ['ENOTFOUND', 'there is no such host'],
  ['EHOSTUNREACH', 'there is no way to this host'],
]);

function reasonOf(error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  // A name with several addresses fails with the errors of all of them, and no message.
  return REASONS.get(code) ?? (error.message || String(code));
}
