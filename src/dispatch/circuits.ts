/**
 * The circuit breakers of the tools, and which end of a call means what to them.
 *
 *   success, an Error that the tool returned                            it works
 *   a throw, a wrong answer, a deadline missed by a started call,       it fails
 *   a worker that died of it
 *   the caller's mistakes, calls given up, calls that never started     say nothing
 */
import {
  Circuit,
  type CircuitCounts,
  type CircuitRules,
  type CircuitState,
  REFUSED,
  type Ticket,
} from '../circuit/circuit.ts';
import type { SlotIndex, ToolId } from '../core/brand.ts';
import { outcomeOf, SUCCESS, TOOL_ERROR } from '../wire/outcome.ts';

/** One circuit as it stands. */
export interface CircuitView {
  readonly tool: ToolId;
  readonly state: CircuitState;
  /** Within the window. */
  readonly calls: number;
  readonly failures: number;
  /** Until an open circuit lets one call through; 0 when it is not open. */
  readonly retryInMs: number;
}

/** Hears of every change of a tool's circuit, with the counts that led to it. */
export type CircuitListener = (tool: ToolId, state: CircuitState, counts: CircuitCounts) => void;

const FAILURES: ReadonlySet<number> = new Set([outcomeOf('PLUGIN_FAULT'), outcomeOf('BAD_OUTPUT')]);

export class Circuits {
  /** How often circuits have opened, by tool. */
  readonly openings = new Map<ToolId, number>();
  private readonly rules: CircuitRules;
  private readonly onChange: CircuitListener;
  private readonly circuits: (Circuit | undefined)[] = [];
  private readonly firstSlot: number;
  private readonly tickets: Int32Array;
  private readonly circuitOf: (Circuit | undefined)[];

  constructor(rules: CircuitRules, onChange: CircuitListener, firstSlot: number, slots: number) {
    this.rules = rules;
    this.onChange = onChange;
    this.firstSlot = firstSlot;
    this.tickets = new Int32Array(slots);
    this.circuitOf = Array.from({ length: slots }, () => undefined);
  }

  /** Gives a tool a circuit, or takes it away. */
  enable(tool: ToolId, isEnabled: boolean): void {
    const known = this.circuits[tool];
    if (isEnabled && known === undefined) {
      this.circuits[tool] = new Circuit(this.rules, (state, counts) => {
        if (state === 'open') this.openings.set(tool, (this.openings.get(tool) ?? 0) + 1);
        this.onChange(tool, state, counts);
      });
    } else if (!isEnabled && known !== undefined) {
      known.close();
      this.circuits[tool] = undefined;
    }
  }

  /** New code is behind the tool. */
  reset(tool: ToolId): void {
    this.circuits[tool]?.reset();
  }

  /** Lets a call of this tool pass into `slot`. False: its circuit is open. */
  enter(slot: SlotIndex, tool: ToolId): boolean {
    const circuit = this.circuits[tool];
    if (circuit === undefined) return true;
    const ticket = circuit.enter();
    if (ticket === REFUSED) return false;
    this.tickets[slot - this.firstSlot] = ticket;
    this.circuitOf[slot - this.firstSlot] = circuit;
    return true;
  }

  /** Whether a call of this tool would be let pass. */
  mayEnter(tool: ToolId): boolean {
    return this.circuits[tool]?.mayEnter ?? true;
  }

  retryInMs(tool: ToolId): number {
    return this.circuits[tool]?.retryInMs ?? 0;
  }

  /** The call in `slot` was answered by its worker. */
  answered(slot: SlotIndex, outcome: number): void {
    if (outcome === SUCCESS || outcome === TOOL_ERROR) this.tell(slot, 'succeeded');
    else this.tell(slot, FAILURES.has(outcome) ? 'failed' : 'ignored');
  }

  /** It will not be answered by its worker, and that is the tool's fault. */
  failed(slot: SlotIndex): void {
    this.tell(slot, 'failed');
  }

  /** It has ended without saying anything about the tool. */
  ignored(slot: SlotIndex): void {
    this.tell(slot, 'ignored');
  }

  private tell(slot: SlotIndex, what: 'succeeded' | 'failed' | 'ignored'): void {
    const index = slot - this.firstSlot;
    const circuit = this.circuitOf[index];
    if (circuit === undefined) return;
    this.circuitOf[index] = undefined;
    circuit[what]((this.tickets[index] ?? 0) as Ticket);
  }

  view(): readonly CircuitView[] {
    return this.circuits.flatMap((circuit, tool): CircuitView[] => {
      if (circuit === undefined) return [];
      const { state, retryInMs } = circuit;
      return [{ tool: tool as ToolId, state, retryInMs, ...circuit.counts }];
    });
  }

  close(): void {
    for (const circuit of this.circuits) circuit?.close();
  }
}
