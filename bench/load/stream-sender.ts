/**
 * Sends streams of calls by plan, whatever the server does with them, and tells of every single one how it ended.
 */

import { percentile } from '../report/percentile.ts';
import { planArrivals } from './arrival-plan.ts';
import { bodyOf, type Call, faultOf } from './call.ts';
import type { Ending } from './line.ts';
import { requestBytes } from './line.ts';
import { LinePool } from './line-pool.ts';
import { machineMs } from './machine-clock.ts';
import { nap } from './nap.ts';
import { type SentCall, STALL_MS, type Stream, type StreamsOrder, type StreamsReport } from './streams.ts';

/** Between two looks at the plan where exactness is not needed. */
const coarseMs = 1;
const retryAfterHeader = /\r\nretry-after: *(\d+)/i;

interface Arrival {
  readonly dueMs: number;
  readonly stream: Stream;
}

interface Sent extends Arrival {
  readonly sentMs: number;
}

export async function sendStreams(order: StreamsOrder): Promise<StreamsReport> {
  const sender = new StreamSender(order);
  try {
    return await sender.run();
  } finally {
    sender.close();
  }
}

/** When each call of a stream is to be sent, in milliseconds from its begin. */
export function arrivalsOf({ arrivals, phases }: Pick<Stream, 'arrivals' | 'phases'>): readonly number[] {
  const times: number[] = [];
  let begin = 0;
  for (const { ratePerSecond, ms, seed } of phases) {
    const plan = ratePerSecond > 0 ? planArrivals(arrivals, ratePerSecond, ms, seed) : [];
    for (const time of plan) times.push(begin + time);
    begin += ms;
  }
  return times;
}

class StreamSender {
  private readonly order: StreamsOrder;
  private readonly pool: LinePool;
  private readonly plan: readonly Arrival[];
  private readonly calls: Readonly<Record<string, SentCall[]>>;
  private readonly pending = new Map<number, Sent>();
  private readonly behind: number[] = [];
  private start = 0;
  /** When the loop last turned, and when it last had stood still for long before it did. */
  private turnedAt = 0;
  private stalledUntil = 0;

  constructor(order: StreamsOrder) {
    this.order = order;
    this.pool = new LinePool(order.port);
    this.plan = order.streams
      .flatMap((stream) => arrivalsOf(stream).map((dueMs): Arrival => ({ dueMs, stream })))
      .toSorted((a, b) => a.dueMs - b.dueMs);
    this.calls = Object.fromEntries(order.streams.map(({ name }) => [name, []]));
  }

  async run(): Promise<StreamsReport> {
    this.start = performance.now();
    await this.sendAll();
    const giveUpAt = this.now() + this.order.graceMs;
    while (this.pending.size > 0 && this.now() < giveUpAt) {
      this.turn();
      await new Promise((resolve) => setTimeout(resolve, coarseMs));
    }
    for (const [serial, sent] of this.pending) {
      this.note(serial, sent, { kind: 'broken', reason: 'no answer' });
    }
    return { calls: this.calls, behindP99Ms: percentile(this.behind, 0.99) };
  }

  close(): void {
    this.pool.close();
  }

  /** Sends what is due and lets the event loop take in answers, by turns. */
  private sendAll(): Promise<void> {
    return new Promise((resolve) => {
      let next = 0;
      const turn = () => {
        this.turn();
        let arrival = this.plan[next];
        for (; arrival !== undefined && arrival.dueMs <= this.now(); arrival = this.plan[next]) {
          void this.send(this.order.firstSerial + next, arrival);
          next += 1;
        }
        if (arrival === undefined) {
          resolve();
        } else if (this.order.exact) {
          nap(arrival.dueMs - this.now());
          setImmediate(turn);
        } else {
          setTimeout(turn, coarseMs);
        }
      };
      turn();
    });
  }

  private async send(serial: number, { dueMs, stream }: Arrival): Promise<void> {
    const sent: Sent = { dueMs, stream, sentMs: this.now() };
    this.behind.push(sent.sentMs - dueMs);
    this.pending.set(serial, sent);
    const { call } = stream;
    const ending = await this.pool.send(requestBytes(call, bodyOf(call, serial)));
    // What was given up as lost has been noted already.
    if (this.pending.delete(serial)) this.note(serial, sent, ending);
  }

  private turn(): void {
    const now = this.now();
    if (now - this.turnedAt > STALL_MS) this.stalledUntil = now;
    this.turnedAt = now;
  }

  /** Answers may be read before the loop has had a turn to find that it was held up. */
  private isStalledSince(sentMs: number): boolean {
    return this.stalledUntil > sentMs || this.now() - this.turnedAt > STALL_MS;
  }

  private note(serial: number, { dueMs, sentMs, stream }: Sent, ending: Ending): void {
    this.calls[stream.name]?.push({
      serial,
      dueMs,
      latencyMs: this.now() - sentMs,
      endedAt: machineMs(),
      ...(this.isStalledSince(sentMs) ? { isStalled: true } : {}),
      ...outcomeOf(stream.call, serial, ending),
    });
  }

  private now(): number {
    return performance.now() - this.start;
  }
}

type Outcome = Pick<SentCall, 'status' | 'code' | 'retryAfter' | 'fault'>;

function outcomeOf(call: Call, serial: number, ending: Ending): Outcome {
  if (ending.kind === 'broken') return { status: 0, fault: ending.reason };
  const { status, head, body } = ending;
  if (status === 200) {
    const fault = faultOf(call, serial, status, body.toString());
    return fault === undefined ? { status } : { status, fault };
  }
  const code = codeIn(body.toString());
  const retryAfter = retryAfterHeader.exec(head)?.[1];
  return {
    status,
    ...(code === undefined ? {} : { code }),
    ...(retryAfter === undefined ? {} : { retryAfter: Number(retryAfter) }),
  };
}

const codeMember = /"code":"([A-Z_]+)"/;

/** The `code` of hotlane's error answers; undefined where there is none. */
function codeIn(body: string): string | undefined {
  return codeMember.exec(body)?.[1];
}
