/** Gives the tools a worker has loaded the numbers all threads mean them by. */
import type { VersionId } from '../src/core/brand.ts';
import type { ServedPlugin, ToolBinding } from '../src/wire/catalogue.ts';
import type { CozeAccess } from './coze/coze-access.ts';
import type { CozeService } from './coze/coze-service.ts';
import type { LoadedPlugin, LoadedTool } from './load-plugin.ts';
import { type Outbound, PluginOutbound } from './outbound/outbound.ts';
import type { WorkerLog } from './worker-log.ts';

/** A tool that can be called, and whose calls are counted. */
export interface BoundTool extends LoadedTool {
  readonly version: VersionId;
  /** A call of it has been started. */
  hasRun: boolean;
  /** Promises its calls have returned and not settled yet, also those of calls that were given up. */
  unsettled: number;
  /** Where its plugin may call. */
  readonly outbound: PluginOutbound;
  readonly coze: CozeAccess;
  /** A native answer had a key its schema does not declare. Told once for each. */
  tellDropped(path: string, facts: Readonly<Record<string, unknown>>): void;
}

/** By ToolId, with gaps where this worker has none of that number. */
export function bindTools(
  plugins: readonly LoadedPlugin[],
  served: readonly ServedPlugin[],
  bindings: readonly ToolBinding[],
  outbound: Outbound,
  coze: CozeService,
  log: WorkerLog,
): (BoundTool | undefined)[] {
  const bound: (BoundTool | undefined)[] = [];
  for (const { id, plugin, tool } of bindings) {
    const owner = plugins.find(({ manifest }) => manifest.name === plugin);
    const source = served.find(({ name }) => name === plugin);
    const loaded = owner?.tools.find(({ name }) => name === tool);
    if (source !== undefined && loaded !== undefined) {
      bound[id] = {
        ...loaded,
        version: source.version,
        hasRun: false,
        unsettled: 0,
        outbound: new PluginOutbound(outbound, plugin, source.outbound),
        coze: coze.accessFor(outbound, plugin, source.outbound),
        tellDropped: dropTeller(log),
      };
    }
  }
  return bound;
}

/** Keys told of one tool: a plugin that makes them up must not fill the memory. */
const MOST_TOLD = 50;

function dropTeller(log: WorkerLog): BoundTool['tellDropped'] {
  const told = new Set<string>();
  return (path, facts) => {
    if (told.has(path) || told.size >= MOST_TOLD) return;
    told.add(path);
    log.warn(`"${path}" of the answer is left out: the output schema does not declare it`, facts);
  };
}
