/**
 * The open-loop sender: requests leave by plan, at a fixed mean rate, whatever the server does. A latency
 * counts from the moment a request was meant to leave, so time it had to wait because the server held every
 * connection is part of it.
 */
import { type ArrivalKind, planArrivals } from './arrival-plan.ts';
import { type Call, faultOf } from './call.ts';
import { Connection } from './connection.ts';
import { Histogram, type HistogramRecord } from './histogram.ts';
import type { Ending } from './line.ts';
import { machineMs } from './machine-clock.ts';
import { nap } from './nap.ts';
import { type Sighting, Sightings, versionIn } from './sightings.ts';

export interface OpenLoopOrder {
  readonly port: number;
  readonly call: Call;
  readonly connections: number;
  readonly arrivals: ArrivalKind;
  readonly ratePerSecond: number;
  /** Sent and checked, but left out of every figure: the sender warms up as well. */
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly seed: number;
  /** The content of every n-th answer is checked; unless told, of every 16th. The status of all. */
  readonly contentEvery?: number;
}

export interface OpenLoopReport {
  /** Requests of the measured part that were planned, and how many of them got their answer. */
  readonly planned: number;
  readonly answered: number;
  /** Faults by reason, the warm-up's included. */
  readonly faults: Readonly<Record<string, number>>;
  /** From intended send time to answer, in tenths of a microsecond. What never came counts until the end. */
  readonly latency: HistogramRecord;
  /** Sent over a millisecond late because no connection was free: the server's doing. */
  readonly lateNoConnection: number;
  /** Sent over a millisecond late because the sender's own loop came too late. */
  readonly lateSender: number;
  /** How far behind its plan the sender's loop was at each arrival, in tenths of a microsecond. */
  readonly behind: HistogramRecord;
  /** When which version answered, the warm-up included; by what the answers say of their version. */
  readonly versions: Readonly<Record<string, Sighting>>;
}

/** Tenths of a microsecond per millisecond: the resolution of the histograms. */
export const ticksPerMs = 10_000;
const lateMs = 1;
/** How long to wait for the last answers. */
const graceMs = 3000;
const usualContentEvery = 16;

export async function runOpenLoop(order: OpenLoopOrder): Promise<OpenLoopReport> {
  const connections = await Promise.all(
    Array.from({ length: order.connections }, (_, serial) => Connection.open(order.port, order.call, serial)),
  );
  try {
    return await new OpenLoop(order, connections).run();
  } finally {
    for (const connection of connections) connection.close();
  }
}

class OpenLoop {
  private readonly order: OpenLoopOrder;
  private readonly plan: Float64Array;
  /** A ring of the connections without a request, so that all of them take their turn. */
  private readonly idle: Connection[];
  /** Intended times of requests that found no free connection, oldest first. */
  private readonly waiting: number[] = [];
  /** Intended times of requests on the wire. */
  private readonly inFlight = new Map<Connection, number>();
  private readonly latency = new Histogram();
  private readonly behind = new Histogram();
  private readonly sightings = new Sightings();
  private readonly faults: Record<string, number> = {};
  private answers = 0;
  private answered = 0;
  private lateNoConnection = 0;
  private lateSender = 0;
  private start = 0;

  constructor(order: OpenLoopOrder, connections: readonly Connection[]) {
    this.order = order;
    this.idle = [...connections];
    this.plan = planArrivals(
      order.arrivals,
      order.ratePerSecond,
      order.warmupMs + order.measureMs,
      order.seed,
    );
  }

  async run(): Promise<OpenLoopReport> {
    this.start = performance.now();
    await this.sendAll();
    await this.settle();
    return {
      planned: this.plan.filter((time) => this.measured(time)).length,
      answered: this.answered,
      faults: this.faults,
      latency: this.latency.toRecord(),
      lateNoConnection: this.lateNoConnection,
      lateSender: this.lateSender,
      behind: this.behind.toRecord(),
      versions: this.sightings.toRecord(),
    };
  }

  /** Sends what is due, lets the event loop take in answers, and naps until the next is due, by turns. */
  private sendAll(): Promise<void> {
    return new Promise((resolve) => {
      let next = 0;
      const turn = () => {
        let due = this.plan[next];
        for (; due !== undefined && due <= this.now(); due = this.plan[next]) {
          next += 1;
          this.arrive(due);
        }
        if (due === undefined) {
          resolve();
          return;
        }
        nap(due - this.now());
        setImmediate(turn);
      };
      turn();
    });
  }

  private arrive(due: number): void {
    const behindMs = this.now() - due;
    if (this.measured(due)) {
      this.behind.record(behindMs * ticksPerMs);
      if (behindMs > lateMs) this.lateSender += 1;
    }
    const connection = this.idle.shift();
    if (connection === undefined) this.waiting.push(due);
    else this.send(connection, due);
  }

  private send(connection: Connection, due: number): void {
    this.inFlight.set(connection, due);
    connection.send((ending) => this.ended(connection, due, ending));
  }

  private ended(connection: Connection, due: number, ending: Ending): void {
    const now = this.now();
    this.inFlight.delete(connection);
    if (this.measured(due)) this.latency.record((now - due) * ticksPerMs);
    if (ending.kind === 'broken') {
      // The connection is of no more use; the requests it would have carried wait for the others.
      this.fault(ending.reason);
      return;
    }
    if (this.measured(due)) this.answered += 1;
    this.check(connection, ending);
    const waited = this.waiting.shift();
    if (waited === undefined) {
      this.idle.push(connection);
      return;
    }
    if (this.measured(waited) && now - waited > lateMs) this.lateNoConnection += 1;
    this.send(connection, waited);
  }

  private check(connection: Connection, { status, head, body }: Extract<Ending, { kind: 'answer' }>): void {
    this.answers += 1;
    const version = versionIn(head);
    if (version !== undefined) this.sightings.see(version, machineMs());
    const { contentEvery = usualContentEvery } = this.order;
    if (status === 200 && this.answers % contentEvery !== 0) return;
    const fault = faultOf(this.order.call, connection.serial, status, body.toString());
    if (fault !== undefined) this.fault(fault);
  }

  private fault(reason: string): void {
    this.faults[reason] = (this.faults[reason] ?? 0) + 1;
  }

  /** Waits for the last answers; what is missing then is a fault, and its latency is what it has waited. */
  private async settle(): Promise<void> {
    const end = this.now() + graceMs;
    while (this.inFlight.size + this.waiting.length > 0 && this.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const due of [...this.inFlight.values(), ...this.waiting]) {
      this.fault('no answer');
      if (this.measured(due)) this.latency.record((this.now() - due) * ticksPerMs);
    }
  }

  private measured(due: number): boolean {
    return due >= this.order.warmupMs;
  }

  private now(): number {
    return performance.now() - this.start;
  }
}
