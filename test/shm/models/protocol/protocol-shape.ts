/** What a model of the whole protocol is made of, and what its threads report. */
import type { Generation } from '../../../../src/core/brand.ts';
import type { Dispatcher } from '../../../../src/dispatch/dispatcher.ts';
import type { Runner } from '../../../../workers/runner.ts';
import type { Parts } from '../parts.ts';

/** The classes under exploration: the real ones, or those of a mutated copy. */
export interface ProtocolParts extends Parts {
  readonly Dispatcher: typeof Dispatcher;
  readonly Runner: typeof Runner;
}

/**
 * plain       answers at once
 * idempotent  the same, and may run once more when its worker has died
 * awaits      returns a promise, which a thread of its own settles at any later moment
 */
export type CallKind = 'plain' | 'idempotent' | 'awaits';
/** In the order of their tool ids. */
export const CALL_KINDS: readonly CallKind[] = ['plain', 'idempotent', 'awaits'];

export interface ProtocolShape {
  /** Calls the front takes, each as soon as a slot is free. */
  readonly calls: readonly CallKind[];
  readonly slots: number;
  readonly workers: number;
  readonly blocks: number;
  /** The workers may die; a successor then takes the seat. */
  readonly mortal?: boolean;
  /** The client of this call, by number, leaves at any moment. */
  readonly leaves?: number;
  /** The deadlines of calls that came before it pass at any moment. */
  readonly deadlinePasses?: boolean;
  /**
   * How fine the interleaving is. 'operations': every operation of the seam is a step. 'transitions': what a ring, the
   * slab or the gate does in one method is one step, for that is explored by itself.
   */
  readonly grain: 'operations' | 'transitions';
  /** Worker 0 is said to have ended while it goes on: the duty that `reclaim` lays on its caller, broken. */
  readonly givesUpTooEarly?: boolean;
}

/** `n`: the number of the call, from 1 on. */
export type ProtocolEvent =
  | { readonly did: 'refused' | 'left' | 'replied'; readonly n: number }
  | { readonly did: 'failed'; readonly n: number; readonly code: string }
  /** One life of a call's slot. */
  | { readonly did: 'ran' | 'withdrawn'; readonly n: number; readonly life: Generation };
