/**
 * Everything a worker says to the main thread.
 */
import type { Generation, SlotIndex } from '../core/brand.ts';
import type { PluginFailure, PluginManifest } from './catalogue.ts';
import type { OutboundHost } from './outbound.ts';
import type { BELL } from './to-worker.ts';

/** On the control port. */
export type ControlFromWorker =
  /** Imports this plugin next; if the thread dies or hangs now, this plugin is to blame. */
  | { readonly type: 'loading'; readonly plugin: string }
  /** All plugins have been tried; waits for `serve`. */
  | {
      readonly type: 'loaded';
      readonly plugins: readonly PluginManifest[];
      readonly failures: readonly PluginFailure[];
    }
  /** Looks at the queue from now on. */
  | { readonly type: 'serving' }
  /** Drained: every call it started is settled and `dispose` has run; the thread goes next. */
  | { readonly type: 'drained' }
  /** What has changed about the hosts that plugins call; at most once a second, and before `drained`. */
  | { readonly type: 'outbound'; readonly hosts: readonly OutboundHost[] }
  /** Wants the token of a user for Coze's API. Questions are numbered by the worker, and each is answered. */
  | { readonly type: 'coze-token'; readonly question: number; readonly user: string }
  /** A line of a plugin's log, or of the host inside the worker. */
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

/** On a lane port. The bell says: replies wait in your completion queue, or calls wait unattended. */
export type LaneFromWorker =
  | typeof BELL
  /** Send me the bytes of this call, they found no block. */
  | { readonly type: 'pull'; readonly slot: SlotIndex; readonly generation: Generation }
  /** A part of an answer in pieces. The reply comes behind the last one, by message too. */
  | {
      readonly type: 'piece';
      readonly slot: SlotIndex;
      readonly generation: Generation;
      readonly text: string;
    }
  /** The reply of a DONE slot whose bytes found no block. */
  | {
      readonly type: 'reply';
      readonly slot: SlotIndex;
      readonly generation: Generation;
      readonly bytes: Uint8Array;
    };
