/** A plugin's record as operators see it. */
import type { VersionCount } from '../dispatch/version-counts.ts';
import type { BrokenCircuit, PluginView, RejectedVersion } from './control.ts';
import type { PluginRecord } from './plugin-record.ts';

/** `counts`: of the version that serves; `rejected`: the latest content that does not. */
export function showPlugin(
  { name, serving, idleSince, pinnedAgainst, wish }: PluginRecord,
  { calls, faults }: VersionCount,
  rejected: RejectedVersion | undefined,
  circuits: readonly BrokenCircuit[],
): PluginView {
  return {
    name,
    state: serving?.state ?? (wish === 'unloaded' ? 'UNLOADED' : 'FAILED'),
    version: serving?.manifest?.version,
    hash: serving?.kept.hash,
    since: serving?.since ?? (wish === 'unloaded' ? idleSince : (rejected?.since ?? idleSince)),
    calls,
    errors: faults,
    tools: serving?.manifest?.tools.map((tool) => tool.name) ?? [],
    circuits,
    pinned: pinnedAgainst !== undefined,
    rejected,
  };
}
