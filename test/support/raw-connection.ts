/**
 * One TCP connection that sends exactly the bytes it is told to, and reads the answers to them.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Answer } from './http-call.ts';

/** Names of headers in lower case. */
export interface RawAnswer extends Answer {
  readonly headers: ReadonlyMap<string, string>;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** A request of the contract as text; `extra` are more header lines, each ended by CRLF. */
export function request(body: string, { path = '/execute/echo', method = 'POST', extra = '' } = {}): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${requestHead({ path, method, extra: length + extra })}${body}`;
}

/** The same up to the body, with no word about the body's length. */
export function requestHead({ path = '/execute/echo', method = 'POST', extra = '' } = {}): string {
  return `${method} ${path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n${extra}\r\n`;
}

export class RawConnection {
  readonly socket: Socket;
  /** Resolves when the connection is over, however it ended. */
  readonly closed: Promise<void>;
  private received: Buffer[] = [];
  private size = 0;
  private over = false;
  private changed = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.received.push(bytes);
      this.size += bytes.length;
      this.notify();
    });
    // A reset is one way for a connection to end; `closed` and `answer` tell it.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.over = true;
        this.notify();
        resolve();
      });
    });
  }

  /** Connects to a port of this machine. Rejects when nobody listens. */
  static async to(port: number): Promise<RawConnection> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const connection = new RawConnection(socket);
    await once(socket, 'connect');
    return connection;
  }

  send(...parts: readonly (string | Uint8Array)[]): void {
    for (const part of parts) this.socket.write(part);
  }

  /** Takes the next answer; undefined when the connection ended before all of it was here. */
  async answer(): Promise<RawAnswer | undefined> {
    const [statusLine = '', ...lines] = (await this.head())?.split('\r\n') ?? [];
    if (statusLine === '') return undefined;
    const status = Number(statusLine.split(' ')[1]);
    const headers = new Map(lines.map(splitLine));
    const hasNoBody = status < 200 || status === 204;
    const length = hasNoBody ? '0' : headers.get('content-length');
    // Without a length the body ends with the connection.
    if (length === undefined) await this.closed;
    const body = await this.bytes(length === undefined ? this.size : Number(length));
    return body && { status, headers, body: body.toString() };
  }

  /** Takes status line and headers alone: the answer to HEAD has nothing more. */
  async head(): Promise<string | undefined> {
    for (;;) {
      const end = this.join().indexOf(HEAD_END);
      if (end !== -1) return (await this.bytes(end + HEAD_END.length))?.toString('latin1', 0, end);
      if (this.over) return undefined;
      await this.changed.promise;
    }
  }

  /** Takes so many bytes. */
  private async bytes(count: number): Promise<Buffer | undefined> {
    while (this.size < count) {
      if (this.over) return undefined;
      await this.changed.promise;
    }
    const all = this.join();
    this.received = [all.subarray(count)];
    this.size -= count;
    return all.subarray(0, count);
  }

  /** Everything received and not taken. */
  private join(): Buffer {
    const all = Buffer.concat(this.received);
    this.received = [all];
    return all;
  }

  /** Ends the connection from this side, at once. */
  drop(): void {
    this.socket.destroy();
  }

  private notify(): void {
    this.changed.resolve();
    this.changed = Promise.withResolvers();
  }
}

function splitLine(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
