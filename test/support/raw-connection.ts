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
  private received: Buffer = Buffer.alloc(0);
  private over = false;
  private changed = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.received = Buffer.concat([this.received, bytes]);
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

  /** Takes the next answer; undefined when the connection ended before there was one. */
  answer(): Promise<RawAnswer | undefined> {
    return this.until(() => this.takeAnswer());
  }

  /** Takes status line and headers alone: the answer to HEAD has nothing more. */
  head(): Promise<string | undefined> {
    return this.until(() => this.takeHead());
  }

  private async until<Part>(take: () => Part | undefined): Promise<Part | undefined> {
    for (;;) {
      const part = take();
      if (part !== undefined || this.over) return part;
      await this.changed.promise;
    }
  }

  /** Ends the connection from this side, at once. */
  drop(): void {
    this.socket.destroy();
  }

  private notify(): void {
    this.changed.resolve();
    this.changed = Promise.withResolvers();
  }

  /** Up to and without the empty line. */
  private takeHead(): string | undefined {
    const end = this.received.indexOf(HEAD_END);
    if (end === -1) return undefined;
    const head = this.received.toString('latin1', 0, end);
    this.received = this.received.subarray(end + HEAD_END.length);
    return head;
  }

  private takeAnswer(): RawAnswer | undefined {
    const before = this.received;
    const [statusLine = '', ...lines] = this.takeHead()?.split('\r\n') ?? [];
    const headers = new Map(lines.map(splitLine));
    const status = Number(statusLine.split(' ')[1]);
    // Without a length the body ends with the connection.
    const length = Number(headers.get('content-length') ?? (status === 204 ? 0 : Number.POSITIVE_INFINITY));
    if (
      statusLine === '' ||
      (this.received.length < length && !(length === Number.POSITIVE_INFINITY && this.over))
    ) {
      this.received = before;
      return undefined;
    }
    const body = this.received.toString('utf8', 0, Math.min(length, this.received.length));
    this.received = this.received.subarray(Math.min(length, this.received.length));
    return { status, headers, body };
  }
}

function splitLine(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
