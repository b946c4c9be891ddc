/** One caller that sends one request after the other, each with a text of its own, and checks whole answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './call.ts';
import { singleRequest } from './single-request.ts';

const timeoutMs = 10_000;
/** The generators' own connections count from 0; a caller's texts must differ from theirs. */
const firstSerial = 1000;

export interface CallerReport {
  readonly requests: number;
  /** Faults by reason. */
  readonly faults: Readonly<Record<string, number>>;
}

/**
 * Begins to call, `pauseMs` after each answer; the function given back ends that and waits for the answer that
 * is under way. `name` stands before every fault.
 */
export function startCaller(
  name: string,
  port: number,
  call: Call,
  pauseMs: number,
): () => Promise<CallerReport> {
  const stop = new AbortController();
  const calling = callUntil(stop.signal, name, port, call, pauseMs);
  return () => {
    stop.abort();
    return calling;
  };
}

async function callUntil(
  stop: AbortSignal,
  name: string,
  port: number,
  call: Call,
  pauseMs: number,
): Promise<CallerReport> {
  const faults: Record<string, number> = {};
  let requests = 0;
  while (!stop.aborted) {
    const fault = await singleRequest(port, call, firstSerial + requests, timeoutMs).catch(String);
    requests += 1;
    if (fault !== undefined) faults[`${name}: ${fault}`] = (faults[`${name}: ${fault}`] ?? 0) + 1;
    await sleep(pauseMs);
  }
  return { requests, faults };
}
