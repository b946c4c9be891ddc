/** One keep-alive connection of an own sender: sends a prepared request, hands back the answer. */
import { connect, type Socket } from 'node:net';
import { bodyOf, type Call } from './call.ts';
import { ResponseReader } from './response-reader.ts';

/** How one request ended. */
export type Ending =
  | { readonly kind: 'answer'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'broken'; readonly reason: string };

export class Connection {
  /** The number in this connection's requests. */
  readonly serial: number;
  private readonly socket: Socket;
  private readonly request: Buffer;
  private readonly reader = new ResponseReader();
  private ending: ((ending: Ending) => void) | undefined;

  // Every connection has a request of its own, so an answer to another's request shows.
  private constructor(socket: Socket, call: Call, serial: number) {
    this.socket = socket;
    this.serial = serial;
    this.request = requestBytes(call, serial);
    socket.on('data', (chunk) => {
      const outcome = this.reader.push(chunk);
      if (outcome.kind === 'answer') this.end(outcome);
      else if (outcome.kind === 'malformed') this.break(outcome.reason);
    });
    socket.on('error', (error) => this.break(error.message));
    socket.on('close', () => this.break('connection closed'));
  }

  /** Rejects when the server does not accept the connection. */
  static open(port: number, call: Call, serial: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket, call, serial));
      });
    });
  }

  /** Sends the request; `ending` is called exactly once unless the connection is closed by `close` before. */
  send(ending: (ending: Ending) => void): void {
    if (this.socket.destroyed) {
      ending({ kind: 'broken', reason: 'connection closed while idle' });
      return;
    }
    this.ending = ending;
    this.socket.write(this.request);
  }

  close(): void {
    this.ending = undefined;
    this.socket.destroy();
  }

  private break(reason: string): void {
    this.socket.destroy();
    this.end({ kind: 'broken', reason });
  }

  private end(ending: Ending): void {
    const waiting = this.ending;
    this.ending = undefined;
    waiting?.(ending);
  }
}

function requestBytes(call: Call, serial: number): Buffer {
  const body = bodyOf(call, serial);
  return Buffer.from(
    `POST ${call.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
