/**
 * One keep-alive connection of a client that may send in pieces, read slowly, or leave at any moment. One request
 * at a time.
 */
import { connect, type Socket } from 'node:net';
import type { Ending } from '../../load/line.ts';
import { ResponseReader } from '../../load/response-reader.ts';

export class ClientSocket {
  private readonly socket: Socket;
  private readonly reader = new ResponseReader();
  private readonly onStray: () => void;
  private ending: ((ending: Ending) => void) | undefined;
  private pauseMs = 0;

  private constructor(socket: Socket, onStray: () => void) {
    this.socket = socket;
    this.onStray = onStray;
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.break(error.message));
    socket.on('close', () => this.break('connection closed'));
  }

  /** `onStray` hears of bytes that come while nothing is asked. Rejects when the server does not accept. */
  static open(port: number, onStray: () => void): Promise<ClientSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new ClientSocket(socket, onStray));
      });
    });
  }

  /** The answer to what is going to be written: called before, since refusals come early. Never rejects. */
  expect(patienceMs: number): Promise<Ending> {
    return new Promise((resolve) => {
      if (this.socket.destroyed) {
        resolve({ kind: 'broken', reason: 'connection closed while idle' });
        return;
      }
      const timer = setTimeout(() => this.break(`no answer within ${patienceMs} ms`), patienceMs);
      this.ending = (ending) => {
        clearTimeout(timer);
        resolve(ending);
      };
    });
  }

  write(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** From now on it rests after each piece that it reads. */
  readSlowly(pauseMs: number): void {
    this.pauseMs = pauseMs;
    this.rest();
  }

  /** Resolves when the first bytes arrive, or the connection ends. */
  firstBytes(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once('data', () => resolve());
      this.socket.once('close', () => resolve());
    });
  }

  /** Nobody hears of an answer any more. */
  leave(): void {
    this.break('the client left');
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  private take(chunk: Buffer): void {
    if (this.ending === undefined) {
      this.onStray();
      this.socket.destroy();
      return;
    }
    const outcome = this.reader.push(chunk);
    if (outcome.kind === 'answer') this.end(outcome);
    else if (outcome.kind === 'malformed') this.break(outcome.reason);
    if (this.pauseMs > 0) this.rest();
  }

  private rest(): void {
    this.socket.pause();
    setTimeout(() => this.socket.resume(), this.pauseMs);
  }

  private break(reason: string): void {
    this.socket.destroy();
    this.end({ kind: 'broken', reason });
  }

  private end(ending: Ending): void {
    const { ending: waiting } = this;
    this.ending = undefined;
    waiting?.(ending);
  }
}
