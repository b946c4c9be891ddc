/**
 * As many connections as are needed at once: a call that finds none free gets a new one, so callers never wait for each
 * other and a slow server cannot slow them down.
 */
import { type Ending, Line } from './line.ts';

/** More than any server here accepts work for; each is a file descriptor on both sides. */
const most = 6000;

export class LinePool {
  private readonly port: number;
  /** The one used last is used next, so that the others may grow old and be closed. */
  private readonly idle: Line[] = [];
  private readonly all = new Set<Line>();
  private opening = 0;

  constructor(port: number) {
    this.port = port;
  }

  /** Sends on a free connection or on a new one. */
  async send(request: Buffer): Promise<Ending> {
    const line = this.idle.pop();
    if (line === undefined) return this.sendOnNew(request);
    const ending = await this.sendOn(line, request);
    // The server may have closed it while nobody used it: nothing was sent.
    return ending.kind === 'broken' && ending.reason === Line.closedWhileIdle ? this.send(request) : ending;
  }

  close(): void {
    for (const line of this.all) line.close();
  }

  private async sendOnNew(request: Buffer): Promise<Ending> {
    if (this.all.size + this.opening >= most)
      return { kind: 'broken', reason: `${most} connections are busy` };
    this.opening += 1;
    const line = await Line.open(this.port).catch(String);
    this.opening -= 1;
    if (typeof line === 'string') return { kind: 'broken', reason: `no connection: ${line}` };
    this.all.add(line);
    return this.sendOn(line, request);
  }

  private async sendOn(line: Line, request: Buffer): Promise<Ending> {
    const ending = await new Promise<Ending>((resolve) => line.send(request, resolve));
    if (ending.kind === 'answer') this.idle.push(line);
    else this.all.delete(line);
    return ending;
  }
}
