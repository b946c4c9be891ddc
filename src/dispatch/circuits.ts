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
  type Ticket,
} from '../circuit/circuit.ts';
import type { SlotIndex, ToolId } from '../core/brand.ts';
import type { Clock } from '../core/clock.ts';
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
  private readonly clock: Clock;
  private readonly circuits: (Circuit | undefined)[] = [];
  private readonly firstSlot: number;
  private readonly tickets: Int32Array;
  private readonly circuitOf: (Circuit | undefined)[];

  constructor(
    rules: CircuitRules,
    onChange: CircuitListener,
    clock: Clock,
    firstSlot: number,
    slots: number,
  ) {
    this.rules = rules;
    this.clock = clock;
    this.onChange = onChange;
    this.firstSlot = firstSlot;
    this.tickets = new Int32Array(slots);
    this.circuitOf = Array.from({ length: slots }, () => undefined);
  }

  /** Gives a tool a circuit, or takes it away. */
  enable(tool: ToolId, isEnabled: boolean): void {
    const known = this.circuits[tool];
    if (isEnabled && known === undefined) {
      const onChange = (state: CircuitState, counts: CircuitCounts): void => {
        if (state === 'open') this.openings.set(tool, (this.openings.get(tool) ?? 0) + 1);
        this.onChange(tool, state, counts);
      };
      this.circuits[tool] = new Circuit(this.rules, onChange, () => this.clock.now());
    } else if (!isEnabled && known !== undefined) {
      known.close();
      this.circuits[tool] = undefined;
    }
  }

  /** New code is behind the tool. */
  reset(tool: ToolId): void {
    this.circuits[tool]?.reset();
  }

  /** A call of this tool, which `mayEnter`, goes into `slot`. */
  enter(slot: SlotIndex, tool: ToolId): void {
    const circuit = this.circuits[tool];
    if (circuit === undefined) return;
    this.tickets[slot - this.firstSlot] = circuit.enter();
    this.circuitOf[slot - this.firstSlot] = circuit;
  }

  /** Whether a call of this tool would be let pass. */
  mayEnter(tool: ToolId): boolean {
    return this.circuits[tool]?.mayEnter ?? true;
  }

  retryInMs(tool: ToolId): number {
    return this.circuits[tool]?.retryInMs ?? 0;
  }

  /** The call in `slot` was answered by its worker at `now`. */
  answered(slot: SlotIndex, outcome: number, now: number): void {
    const circuit = this.leave(slot);
    if (circuit === undefined) return;
    const ticket = this.ticketOf(slot);
    if (outcome === SUCCESS || outcome === TOOL_ERROR) circuit.succeeded(ticket, now);
    else if (FAILURES.has(outcome)) circuit.failed(ticket, now);
    else circuit.ignored(ticket);
  }

  /** It will not be answered by its worker, and that is the tool's fault. */
  failed(slot: SlotIndex): void {
    this.leave(slot)?.failed(this.ticketOf(slot));
  }

  /** It has ended without saying anything about the tool. */
  ignored(slot: SlotIndex): void {
    this.leave(slot)?.ignored(this.ticketOf(slot));
  }

  /** Each call is told once. */
  private leave(slot: SlotIndex): Circuit | undefined {
    const index = slot - this.firstSlot;
    const circuit = this.circuitOf[index];
    this.circuitOf[index] = undefined;
    return circuit;
  }

  private ticketOf(slot: SlotIndex): Ticket {
    return (this.tickets[slot - this.firstSlot] ?? 0) as Ticket;
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
