/** What a worker runs now, read from shared memory: it may be unable to say so itself. */
import type { BlockIndex, SeatIndex, SlotIndex, ToolId } from '../core/brand.ts';
import type { Arena } from '../shm/arena.ts';
import { SLOT } from '../shm/layout.ts';
import { NO_BLOCK, type Slab } from '../shm/slab.ts';
import { PHASE, phaseOf, seatOf } from '../shm/state-word.ts';
import type { ToolBinding } from '../wire/catalogue.ts';
import { readFrame } from '../wire/context-frame.ts';
import { madeId } from '../wire/request-id.ts';

export interface RunningCall {
  readonly plugin: string;
  readonly tool: string;
  /** Undefined: several calls of the tool are under way, and any of them may be the one. */
  readonly requestId: string | undefined;
}

export interface RunningCallSources {
  readonly arena: Arena;
  readonly slab: Slab;
  readonly idPrefix: string;
  readonly toolName: (id: ToolId) => Pick<ToolBinding, 'plugin' | 'tool'> | undefined;
}

/**
 * The call whose synchronous part runs in that seat. Where none does, a started call must have gone on after an await:
 * its tool if all of them are of one. Undefined: it cannot be told.
 */
export function runningCall(sources: RunningCallSources, seat: SeatIndex): RunningCall | undefined {
  const { arena, toolName } = sources;
  const running = arena.seats.running(seat);
  const started = running === undefined ? startedBy(arena, seat) : [running];
  const tools = new Set(started.map((slot) => arena.slots.field(slot, SLOT.tool) as ToolId));
  const [tool, another] = tools;
  if (tool === undefined || another !== undefined) return undefined;
  const name = toolName(tool);
  if (name === undefined) return undefined;
  const [slot, ...others] = started;
  const isSure = slot !== undefined && others.length === 0;
  return { plugin: name.plugin, tool: name.tool, requestId: isSure ? requestIdOf(sources, slot) : undefined };
}

function startedBy({ slots, shape }: Arena, seat: SeatIndex): SlotIndex[] {
  const started: SlotIndex[] = [];
  for (let index = 0; index < shape.fronts * shape.slotsPerFront; index++) {
    const slot = index as SlotIndex;
    const word = slots.state(slot);
    if (phaseOf(word) === PHASE.CLAIMED && seatOf(word) === seat) started.push(slot);
  }
  return started;
}

/** The request lies in its block until the worker writes the answer, and a worker that is stuck does not. */
function requestIdOf({ arena, slab, idPrefix }: RunningCallSources, slot: SlotIndex): string {
  const { slots, bytes } = arena;
  const block = slots.field(slot, SLOT.requestBlock);
  const given =
    block === NO_BLOCK
      ? undefined
      : readFrame(bytes, slab.offset(block as BlockIndex), slots.field(slot, SLOT.contextLength)).requestId;
  return given ?? madeId(idPrefix, slots.field(slot, SLOT.sequence));
}
