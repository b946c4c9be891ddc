/**
 * The hop to another thread and back, without HTTP, without plugin: through hotlane's queues, and through a
 * MessagePort for comparison. With one call at a time it is the latency of two wake-ups; with many it is what batching
 * makes of them.
 */
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { FrontIndex, SeatIndex, ToolId } from '../../src/core/brand.ts';
import { Clock, newEpoch } from '../../src/core/clock.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { attachArena, createArena, shapeFor } from '../../src/shm/arena.ts';
import { createMeters, Meters } from '../../src/shm/meters.ts';
import { NO_IDENTITY, NO_TARGET } from '../../src/wire/context-frame.ts';
import { CONTRACT } from '../../src/wire/contract.ts';
import type { LaneFromWorker } from '../../src/wire/from-worker.ts';
import { OUTCOMES } from '../../src/wire/outcome.ts';
import type { HopPeerData } from './hop-peer.ts';

/** One way to another thread and back. */
export interface Hop {
  readonly name: string;
  /** Makes `calls` round trips, `atOnce` of them under way at any time. */
  readonly run: (calls: number, atOnce: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const FRONT = 0 as FrontIndex;
const BODY = Buffer.alloc(250, 'x');

/** Keeps `atOnce` calls under way until `calls` have come back. */
function pipelined(calls: number, atOnce: number, send: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0;
    let back = 0;
    const next = (): void => {
      if (sent === calls) return;
      sent++;
      send(() => {
        back++;
        if (back === calls) resolve();
        else next();
      });
    };
    for (let call = 0; call < Math.min(atOnce, calls); call++) next();
  });
}

async function startPeer(data: HopPeerData): Promise<Worker> {
  const peer = new Worker(new URL('./hop-peer.ts', import.meta.url), {
    workerData: data,
    transferList: [data.port],
  });
  await once(peer, 'message');
  return peer;
}

/** The submission queue, a worker that answers at once, the completion queue. */
export async function sharedMemoryHop(): Promise<Hop> {
  const epoch = newEpoch();
  const handle = createArena(shapeFor({ fronts: 1, seats: 4, waiting: 1024, started: 128 }), epoch);
  const { port1, port2 } = new MessageChannel();
  const shape = { fronts: 1, seats: 4, outcomes: OUTCOMES };
  const dispatcher = new Dispatcher({
    arena: attachArena(handle),
    front: FRONT,
    clock: new Clock(epoch),
    meters: new Meters(createMeters(shape), shape),
    queueLimit: 1024,
    workers: 1,
    concurrency: 32,
    fairShare: true,
    circuit: { failurePercent: 50, windowMs: 10_000, minCalls: 20, pauseMs: 10_000 },
    onCircuit: () => undefined,
    phases: true,
    post: (_seat, message) => port1.postMessage(message),
    onOverdue: () => undefined,
  });
  port1.on('message', (message: LaneFromWorker) => dispatcher.receive(0 as SeatIndex, message));
  const peer = await startPeer({ kind: 'shared memory', arena: handle, port: port2 });
  const call = {
    tool: 0 as ToolId,
    timeoutMs: 60_000,
    budgetMs: 1000,
    identity: NO_IDENTITY,
    contract: CONTRACT.envelope,
    target: NO_TARGET,
    sequence: 1,
  };
  return {
    name: 'shared memory',
    run: (calls, atOnce) =>
      pipelined(calls, atOnce, (done) => {
        const slot = dispatcher.submit(call, BODY, { reply: done, fail: (code) => fatal(code) });
        if (typeof slot === 'string') fatal(slot);
      }),
    close: async () => {
      dispatcher.close();
      port1.close();
      await peer.terminate();
    },
  };
}

/** One message there, one back. */
export async function messageHop(): Promise<Hop> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.on('message', () => waiting.shift()?.());
  const peer = await startPeer({ kind: 'messages', port: port2 });
  return {
    name: 'MessagePort',
    run: (calls, atOnce) =>
      pipelined(calls, atOnce, (done) => {
        waiting.push(done);
        port1.postMessage(BODY);
      }),
    close: async () => {
      port1.close();
      await peer.terminate();
    },
  };
}

function fatal(code: string): never {
  throw new Error(`a call failed: ${code}`);
}
