/**
 * Everything the main thread and a probe thread say to each other: one task, then what is being done, log
 * lines, and one verdict.
 */
import type { MessagePort } from 'node:worker_threads';
import type { PluginManifest, PluginSource } from './catalogue.ts';
import type { ControlFromWorker } from './from-worker.ts';

/** What a probe thread is started with; it then waits for its task on this port. */
export interface ProbeThreadData {
  readonly port: MessagePort;
}

export interface ProbeTask {
  readonly source: PluginSource;
  /** False: what it declares is looked at, `init` and the examples do not run. */
  readonly isRun: boolean;
  /** Longest time of one piece of work in ms: the import, one schema, one pattern, `init`, one example … */
  readonly timeMs: number;
}

/** What a candidate goes through, in this order. */
export type ProbeStep =
  | 'import'
  | 'exports'
  | 'engine'
  | 'schema'
  | 'pattern'
  | 'init'
  | 'example'
  | 'dispose';

/** Whether a candidate may go into service. */
export type Verdict =
  | {
      readonly kind: 'fit';
      readonly manifest: PluginManifest;
      /** What its author should know, though it keeps nothing out of service. */
      readonly warnings: readonly string[];
    }
  | Unfit;

export interface Unfit {
  readonly kind: 'unfit';
  /** Where it failed; `thread`: before the first step, the probe itself was hindered. */
  readonly step: ProbeStep | 'thread';
  readonly reason: string;
  /** Relative to the plugin's folder. */
  readonly file: string | undefined;
  /** Counted from 1. */
  readonly line: number | undefined;
  /** Counted from 1. */
  readonly column: number | undefined;
  /** The lines around it, numbered, with a caret; plain text of several lines. */
  readonly frame: string | undefined;
  /** Only the plugin's own part of it. */
  readonly stack: string | undefined;
}

/** What the candidate does from now on; whatever ends or blocks the thread is blamed on it. */
export interface Doing {
  readonly type: 'doing';
  readonly step: ProbeStep;
  /** Completes sentences such as "… took longer than 10000 ms". */
  readonly what: string;
  readonly limitMs: number;
}

export type FromProbe =
  /** It has nothing left to do before its task. */
  | { readonly type: 'ready' }
  | Doing
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | Extract<ControlFromWorker, { readonly type: 'log' }>;
