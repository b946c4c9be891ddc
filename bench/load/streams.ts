/** What streams of calls are sent, in which phases, and what is told of every single call. */
import type { ArrivalKind } from './arrival-plan.ts';
import type { Call } from './call.ts';

/** A stretch of time at one rate. Two phases of the same rate and seed have the very same arrivals. */
export interface Phase {
  /** 0: nothing is sent. */
  readonly ratePerSecond: number;
  readonly ms: number;
  readonly seed: number;
}

/** Calls of one kind, sent in phases one after the other. */
export interface Stream {
  readonly name: string;
  readonly call: Call;
  readonly arrivals: ArrivalKind;
  readonly phases: readonly Phase[];
}

export interface StreamsOrder {
  readonly port: number;
  /** All begin at the same moment. */
  readonly streams: readonly Stream[];
  /** The number in the first call's text; the others follow in the order of sending. */
  readonly firstSerial: number;
  /** True: sent within 0.05 ms or so of the plan, at the price of some CPU time. False: within 1 ms. */
  readonly exact: boolean;
  /**
   * True: the sender has a core before the server it calls, where the system allows it; for latencies that count. A flood
   * that did so would keep the front from its core, which no caller from outside can.
   */
  readonly goesFirst: boolean;
  /** How long the last answers are waited for, in milliseconds. */
  readonly graceMs: number;
}

/** One call and how it ended. */
export interface SentCall {
  readonly serial: number;
  /** Intended send time, in milliseconds from the begin of all streams. */
  readonly dueMs: number;
  /**
   * From sending to the answer; without an answer, to the end of waiting. A server cannot make a call leave late here,
   * since connections are opened as they are needed: what passes before is the sender's own doing.
   */
  readonly latencyMs: number;
  /** When it ended, by `machineMs`. */
  readonly endedAt: number;
  /**
   * The sender stood still for over STALL_MS while the call was under way, so its latency is partly that of a machine
   * that let nobody run.
   */
  readonly isStalled?: true;
  /** HTTP status; 0: there was no answer. */
  readonly status: number;
  /** `code` of an error answer. */
  readonly code?: string;
  /** `Retry-After` in seconds. */
  readonly retryAfter?: number;
  /** What is wrong with it: no answer, or a 200 with other content than it must have. */
  readonly fault?: string;
}

/** The sender's loop turns every millisecond; what is longer is no matter of timers any more. */
export const STALL_MS = 3;

export interface StreamsReport {
  /** By name, each stream's calls in the order of their answers. */
  readonly calls: Readonly<Record<string, readonly SentCall[]>>;
  /** How late calls left, by the sender's own fault: 99 of 100 were not later than this. */
  readonly behindP99Ms: number;
}
