/** One keep-alive connection of an own sender: sends a prepared request, hands back the answer. */
import { bodyOf, type Call } from './call.ts';
import { type Ending, Line, requestBytes } from './line.ts';

export class Connection {
  /** The number in this connection's requests. */
  readonly serial: number;
  private readonly line: Line;
  private readonly request: Buffer;

  // Every connection has a request of its own, so an answer to another's request shows.
  private constructor(line: Line, call: Call, serial: number) {
    this.line = line;
    this.serial = serial;
    this.request = requestBytes(call, bodyOf(call, serial));
  }

  /** Rejects when the server does not accept the connection. */
  static async open(port: number, call: Call, serial: number): Promise<Connection> {
    return new Connection(await Line.open(port), call, serial);
  }

  /** Sends the request; `ending` is called exactly once unless the connection is closed by `close` before. */
  send(ending: (ending: Ending) => void): void {
    this.line.send(this.request, ending);
  }

  close(): void {
    this.line.close();
  }
}
