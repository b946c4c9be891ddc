/** Which calls went to the heavy track, and how many threads they keep busy there. */
import type { SlotIndex, ToolId } from '../core/brand.ts';

interface Kind {
  readonly tool: ToolId;
  calls: number;
  threads: number;
}

export class HeavyCalls {
  private readonly firstSlot: number;
  /** By slot minus first slot; undefined: its call is on the common track. */
  private readonly kindOf: (Kind | undefined)[];
  private readonly threadsOf: Float64Array;
  private readonly kinds = new Map<ToolId, Kind>();
  private calls = 0;

  constructor(firstSlot: number, slots: number) {
    this.firstSlot = firstSlot;
    this.kindOf = Array.from({ length: slots }, () => undefined);
    this.threadsOf = new Float64Array(slots);
  }

  /** `threads`: the part of a thread, 0 … 1, that the call keeps busy. */
  add(slot: SlotIndex, tool: ToolId, threads: number): void {
    let kind = this.kinds.get(tool);
    if (kind === undefined) {
      kind = { tool, calls: 0, threads: 0 };
      this.kinds.set(tool, kind);
    }
    const index = slot - this.firstSlot;
    this.kindOf[index] = kind;
    this.threadsOf[index] = threads;
    kind.calls++;
    kind.threads += threads;
    this.calls++;
  }

  has(slot: SlotIndex): boolean {
    return this.kindOf[slot - this.firstSlot] !== undefined;
  }

  /** The call is over, or on the common track from now on. */
  remove(slot: SlotIndex): void {
    const index = slot - this.firstSlot;
    const kind = this.kindOf[index];
    if (kind === undefined) return;
    this.kindOf[index] = undefined;
    this.calls--;
    kind.calls--;
    kind.threads -= this.threadsOf[index] ?? 0;
    // Sums of fractions: without calls there is nothing, whatever was rounded on the way.
    if (kind.calls === 0) kind.threads = 0;
  }

  get count(): number {
    return this.calls;
  }

  /** Threads they keep busy, without the calls of tools that have turned out not to be long. */
  threads(isLong: (tool: ToolId) => boolean): number {
    if (this.calls === 0) return 0;
    let threads = 0;
    for (const kind of this.kinds.values()) if (isLong(kind.tool)) threads += kind.threads;
    return threads;
  }
}
