/**
 * Everything the main thread says to a worker.
 *
 * The task starts it; the control port carries what happens once; the lane port is the front's own, and
 * carries nothing but bells and the rare bytes that found no block.
 */
import type { MessagePort } from 'node:worker_threads';
import type { FrontIndex, Generation, SeatIndex, SlotIndex } from '../core/brand.ts';
import type { ArenaHandle } from '../shm/arena.ts';
import type { MetersShape } from '../shm/meters.ts';
import type { ServedPlugin, ToolBinding } from './catalogue.ts';
import type { CozeSettings, TokenAnswer } from './coze-token.ts';
import type { OutboundSettings } from './outbound.ts';

/** The argument of a worker's one long task. */
export interface ServeTask {
  readonly arena: ArenaHandle;
  readonly seat: SeatIndex;
  /** Calls this worker may have started at once. */
  readonly concurrency: number;
  /** Prefix of made request ids; the call's sequence number completes them. */
  readonly idPrefix: string;
  /** Messages below this level need not be sent. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Shared meters, see telemetry. */
  readonly meters: { readonly memory: SharedArrayBuffer; readonly shape: MetersShape };
  readonly outbound: OutboundSettings;
  /** Undefined: the server has no OAuth settings. */
  readonly coze: CozeSettings | undefined;
  /** Shared rings of pauses, see shm/pauses.ts. */
  readonly pauses: SharedArrayBuffer;
  /** Measure the phases of calls. */
  readonly phases: boolean;
  /** Where it writes what it holds, see shm/memory-readings.ts. */
  readonly memory: SharedArrayBuffer;
  /** So many ms without a turn of the event loop are reported as a stall. */
  readonly stallMs: number;
  readonly control: MessagePort;
  /** One per front, by FrontIndex. */
  readonly lanes: readonly MessagePort[];
}

/** On the control port: `load` and `serve` once each, in this order; then answers, each to one question. */
export type ControlToWorker =
  /** Until then the worker has loaded the host's own code only. */
  | { readonly type: 'load'; readonly plugins: readonly ServedPlugin[] }
  /** After the worker said `loaded`. */
  | { readonly type: 'serve'; readonly tools: readonly ToolBinding[] }
  | { readonly type: 'coze-token'; readonly question: number; readonly answer: TokenAnswer };

/** On a lane port: wake up and look (at the queue, at cancellations, at the drain bit). */
export const BELL = 0;

/** On a lane port. `body` answers a `pull`; undefined bytes: the call is gone. */
export type LaneToWorker =
  | typeof BELL
  | {
      readonly type: 'body';
      readonly front: FrontIndex;
      readonly slot: SlotIndex;
      readonly generation: Generation;
      readonly bytes: Uint8Array | undefined;
    }
  /** So many pieces of this call's answer have been taken off. */
  | {
      readonly type: 'more';
      readonly slot: SlotIndex;
      readonly generation: Generation;
      readonly pieces: number;
    };
