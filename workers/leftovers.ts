/**
 * What plugins leave behind when their thread goes: timers that still run, sockets that are still open, calls that
 * never settled. The thread's end removes it all, but a plugin that forgets it leaks wherever it runs longer, and
 * what it left undone is lost.
 *
 * The runtime only says how many resources of each type keep the thread alive, so a type is laid at the door of
 * the plugins that took some of it while they were loaded; where none did, of those that have run calls.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { BoundTool } from './bind-tools.ts';

/** How many of each type, for example `Timeout: 2`. */
type Inventory = ReadonlyMap<string, number>;

export interface Leftover {
  /** More than one: the runtime cannot tell which of them. */
  readonly plugins: readonly string[];
  /** In words, for example `2 Timeout`. */
  readonly what: string;
}

/** The host's own, and what ends by itself: with the turn of the event loop, or when a name has been looked up. */
const NOT_COUNTED = new Set(['MessagePort', 'Immediate', 'TickObject', 'CloseReq', 'GetAddrInfoReqWrap']);
/** Turns of the event loop that handles get to close. */
const CLOSING_TURNS = 3;

/** How many of each type of resource keep this thread alive now. */
export function inventory(): Inventory {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) {
    if (!NOT_COUNTED.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

export class Leftovers {
  private readonly before = inventory();
  private readonly taken = new Map<string, Inventory>();

  /** Notes what one plugin takes while it is loaded. One at a time. */
  async whileLoading<Value>(plugin: string, load: () => Promise<Value>): Promise<Value> {
    const before = inventory();
    const value = await load();
    this.taken.set(plugin, surplus(inventory(), before));
    return value;
  }

  /** After every plugin's `dispose`; `tools` are those that could be called. */
  async find(tools: readonly (BoundTool | undefined)[]): Promise<readonly Leftover[]> {
    for (let count = 0; count < CLOSING_TURNS; count++) await turn();
    const bound = tools.filter((tool) => tool !== undefined);
    const active = new Set(bound.filter(({ hasRun }) => hasRun).map(({ plugin }) => plugin));
    const found: Leftover[] = [];
    for (const [type, count] of surplus(inventory(), this.before)) {
      const takers = [...this.taken].filter(([, types]) => types.has(type)).map(([plugin]) => plugin);
      const plugins = takers.length > 0 ? takers : [...active];
      if (plugins.length > 0) found.push({ plugins, what: `${count} ${type}` });
    }
    for (const { plugin, name, unsettled } of bound) {
      if (unsettled > 0)
        found.push({ plugins: [plugin], what: `${unsettled} calls of ${name} that never settled` });
    }
    return found;
  }
}

/** What is in the first and not in the second. */
function surplus(now: Inventory, before: Inventory): Inventory {
  const more = new Map<string, number>();
  for (const [type, count] of now) {
    const extra = count - (before.get(type) ?? 0);
    if (extra > 0) more.set(type, extra);
  }
  return more;
}
