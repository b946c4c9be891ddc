/** One keep-alive connection: sends the bytes of a request, hands back the answer. One request at a time. */

import { connect, type Socket } from 'node:net';
import type { Call } from './call.ts';
import { ResponseReader } from './response-reader.ts';

/** How one request ended. */
export type Ending =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Status line and headers. */
      readonly head: string;
      readonly body: Buffer;
    }
  | { readonly kind: 'broken'; readonly reason: string };

export class Line {
  /** Why a request could not leave: the server had closed the connection before. */
  static readonly closedWhileIdle = 'connection closed while idle';
  private readonly socket: Socket;
  private readonly reader = new ResponseReader();
  private ending: ((ending: Ending) => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      const outcome = this.reader.push(chunk);
      if (outcome.kind === 'answer') this.end(outcome);
      else if (outcome.kind === 'malformed') this.break(outcome.reason);
    });
    socket.on('error', (error) => this.break(error.message));
    socket.on('close', () => this.break('connection closed'));
  }

  /** Rejects when the server does not accept the connection. */
  static open(port: number): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Line(socket));
      });
    });
  }

  /** Sends the request; `ending` is called exactly once unless the connection is closed by `close` before. */
  send(request: Buffer, ending: (ending: Ending) => void): void {
    if (this.socket.destroyed) {
      ending({ kind: 'broken', reason: Line.closedWhileIdle });
      return;
    }
    this.ending = ending;
    this.socket.write(request);
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

/** A POST of this JSON text. */
export function requestBytes({ path, headers = {} }: Pick<Call, 'path' | 'headers'>, body: string): Buffer {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${more.join('')}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
