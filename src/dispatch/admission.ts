/**
 * Which calls are taken, and when each may go to the workers.
 *
 *   a call comes ──► circuit ──► room to wait ──► expected wait ──► taken: at once, or after those of its line
 *                      │              │                │
 *                 CIRCUIT_OPEN   QUEUE_FULL,       OVERLOADED
 *                                PLUGIN_BUSY
 *
 * A refusal costs the caller nothing but the call. A call that is taken should end within its start budget: it is
 * accepted where the wait to be expected is at most half of that; the other half is for the wrong guess and for the
 * call itself.
 */

import type { CircuitRules } from '../circuit/circuit.ts';
import type { SlotIndex, ToolId } from '../core/brand.ts';
import type { Clock } from '../core/clock.ts';
import { type BulkheadOptions, Bulkheads } from './bulkheads.ts';
import { type CircuitListener, Circuits } from './circuits.ts';
import { type Refusal, refusal } from './refusal.ts';
import { NO_RULES, type ToolRules } from './tool-rules.ts';

/** Calls in the submission queue. */
export interface QueuedCalls {
  /** Never less than there are, and known without a look at what workers write all the time. */
  readonly atMost: number;
  /** How many there are. */
  count(): number;
}

export interface AdmissionOptions extends BulkheadOptions {
  readonly circuit: CircuitRules;
  readonly onCircuit: CircuitListener;
  readonly clock: Clock;
}

/** Part of the start budget that may be spent waiting. */
const WAITING_PART = 0.5;

export class Admission {
  readonly bulkheads: Bulkheads;
  readonly circuits: Circuits;
  private readonly options: AdmissionOptions;
  private readonly rules: (ToolRules | undefined)[] = [];

  constructor(options: AdmissionOptions, firstSlot: number, slots: number) {
    this.options = options;
    this.bulkheads = new Bulkheads(options, firstSlot, slots);
    this.circuits = new Circuits(options.circuit, options.onCircuit, options.clock, firstSlot, slots);
  }

  /** From now on. */
  setRules(tool: ToolId, rules: ToolRules): void {
    this.rules[tool] = rules;
    this.bulkheads.setRules(tool, rules);
    this.circuits.enable(tool, rules.breaker);
  }

  rulesOf(tool: ToolId): ToolRules {
    return this.rules[tool] ?? NO_RULES;
  }

  /**
   * Why a call that comes at `now` is refused; undefined: it may be taken. `budgetMs`: see above, 0 for none. The more
   * calls are queued the more is refused, so they are counted only where a call would be if there were as many as there
   * can be.
   */
  judge(tool: ToolId, budgetMs: number, queued: QueuedCalls, now: number): Refusal | undefined {
    const { bulkheads, circuits } = this;
    bulkheads.announce(tool, now);
    if (!circuits.mayEnter(tool)) {
      return refusal('CIRCUIT_OPEN', circuits.retryInMs(tool) || this.options.circuit.pauseMs);
    }
    const { queueLimit } = this.options;
    if (queued.atMost + bulkheads.waiting >= queueLimit && queued.count() + bulkheads.waiting >= queueLimit)
      return refusal('QUEUE_FULL');
    if (bulkheads.hasItsShareOfWaiting(tool) && !bulkheads.mayStart(tool)) return refusal('PLUGIN_BUSY');
    if (budgetMs === 0) return undefined;
    const longest = budgetMs * WAITING_PART;
    if (bulkheads.expectedWait(tool, queued.atMost, now) <= longest) return undefined;
    const wait = bulkheads.expectedWait(tool, queued.count(), now);
    return wait > longest ? refusal('OVERLOADED', wait) : undefined;
  }

  /** A call that was not refused goes into `slot`. Says where it is to go. */
  take(slot: SlotIndex, tool: ToolId, now: number): 'start' | 'wait' {
    this.circuits.enter(slot, tool);
    if (this.bulkheads.mayStart(tool)) {
      this.bulkheads.start(slot, tool, now);
      return 'start';
    }
    this.bulkheads.wait(slot, tool, now);
    return 'wait';
  }

  close(): void {
    this.circuits.close();
  }
}
