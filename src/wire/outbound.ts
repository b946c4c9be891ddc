/**
 * What workers are told about the calls plugins make to other services, and what they report of them. Plain data:
 * it crosses threads by structured clone.
 */
import type { CircuitRules, CircuitState } from '../circuit/circuit.ts';

/** The same for all plugins of a worker. */
export interface OutboundSettings {
  /** Connections this worker may hold to one host: its part of what the server may. */
  readonly connectionsPerHost: number;
  /** How long an unused connection stays open, in ms. */
  readonly idleMs: number;
  /** Undefined: no circuit breakers. */
  readonly circuit: CircuitRules | undefined;
}

/** What one plugin may. Comes along with the plugin it is for. */
export interface OutboundPolicy {
  /** `api.example.com`, `api.example.com:8443` or `*.example.com`; undefined: every host. */
  readonly hosts: readonly string[] | undefined;
  /** User, bot and conversation go along as headers. */
  readonly identity: boolean;
}

/** How calls of one worker to one host stand. Counts are what has been added since its last report. */
export interface OutboundHost {
  /** Host name with port. */
  readonly host: string;
  /** Connections open now. */
  readonly connections: number;
  /** Calls that wait for a connection, or for an answer. */
  readonly pending: number;
  readonly circuit: CircuitState;
  readonly answered: number;
  /** No answer: refused, reset, timed out. */
  readonly failed: number;
  /** Given up by the caller. */
  readonly cancelled: number;
  /** Not tried: the host's circuit is open, or the host is not on the list. */
  readonly refused: number;
}

/** Stands for all hosts beyond those that are told apart. */
export const OTHER_HOSTS = 'other';
