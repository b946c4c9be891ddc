/**
 * Keep-alive clients that check everything: each request carries a number that no other has, each answer must
 * be the one to it, and nothing is sent a second time. In this process, so that the caller can see how far
 * they are.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyOf, type Call, faultOf } from './call.ts';
import { type Ending, Line, requestBytes } from './line.ts';
import { versionIn } from './sightings.ts';

export interface NumberedOrder {
  readonly port: number;
  readonly call: Call;
  readonly clients: number;
  /** Each client rests so long behind an answer; 0: it sends the next request at once. */
  readonly pauseMs: number;
  /** What is wrong with an answer of this version, or undefined. */
  readonly versionFault: (version: string | undefined) => string | undefined;
  /** How long the last answers may take when it ends, in milliseconds; 5000 unless told. */
  readonly graceMs?: number;
}

export interface NumberedReport {
  readonly requests: number;
  readonly seconds: number;
  /** Lost and wrong answers by reason. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often a client had to open another connection. */
  readonly reconnects: number;
}

export class NumberedClients {
  private readonly order: NumberedOrder;
  private readonly startedAt = performance.now();
  private readonly faults: Record<string, number> = {};
  private readonly open = new Set<Line>();
  private running: readonly Promise<void>[] = [];
  private isStopping = false;
  private sent = 0;
  private answered = 0;
  private broken = 0;
  private reconnects = 0;

  private constructor(order: NumberedOrder) {
    this.order = order;
  }

  /** Rejects when the server does not accept the connections. */
  static async start(order: NumberedOrder): Promise<NumberedClients> {
    const clients = new NumberedClients(order);
    const lines = await Promise.all(Array.from({ length: order.clients }, () => clients.connect()));
    clients.running = lines.map((line) => clients.run(line));
    return clients;
  }

  /** Requests that have got an answer so far, right or wrong. */
  get requests(): number {
    return this.answered;
  }

  /** Sends no more, and waits for what is under way. */
  async stop(): Promise<NumberedReport> {
    this.isStopping = true;
    const seconds = (performance.now() - this.startedAt) / 1000;
    const { graceMs = 5000 } = this.order;
    const patience = new AbortController();
    await Promise.race([
      Promise.all(this.running),
      sleep(graceMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    for (let missing = this.sent - this.answered - this.broken; missing > 0; missing -= 1)
      this.fault('no answer');
    for (const line of this.open) line.close();
    return { requests: this.answered, seconds, faults: this.faults, reconnects: this.reconnects };
  }

  private async connect(): Promise<Line> {
    const line = await Line.open(this.order.port);
    this.open.add(line);
    return line;
  }

  private async run(first: Line): Promise<void> {
    let line = first;
    const { call, pauseMs } = this.order;
    while (!this.isStopping) {
      const serial = this.sent;
      this.sent += 1;
      const request = requestBytes(call, bodyOf(call, serial));
      const ending = await new Promise<Ending>((resolve) => line.send(request, resolve));
      if (ending.kind === 'answer') {
        this.answered += 1;
        this.check(serial, ending);
      } else {
        this.broken += 1;
        this.fault(ending.reason);
        this.open.delete(line);
        this.reconnects += 1;
        try {
          line = await this.connect();
        } catch (error) {
          this.fault(`no connection: ${String(error)}`);
          return;
        }
      }
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }

  private check(serial: number, { status, head, body }: Extract<Ending, { kind: 'answer' }>): void {
    const fault =
      faultOf(this.order.call, serial, status, body.toString()) ?? this.order.versionFault(versionIn(head));
    if (fault !== undefined) this.fault(fault);
  }

  private fault(reason: string): void {
    this.faults[reason] = (this.faults[reason] ?? 0) + 1;
  }
}
