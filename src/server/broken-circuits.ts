/** The circuits of one plugin that refuse calls now, under the names of its tools. */
import type { CircuitView } from '../dispatch/circuits.ts';
import type { BrokenCircuit } from '../reload/control.ts';
import type { ToolTable } from './tool-table.ts';

export function brokenCircuits(
  circuits: readonly CircuitView[],
  { known }: Pick<ToolTable, 'known'>,
  plugin: string,
): readonly BrokenCircuit[] {
  return circuits.flatMap(({ tool: id, state, retryInMs }): BrokenCircuit[] => {
    const binding = known[id];
    if (state === 'closed' || binding?.plugin !== plugin) return [];
    return [{ tool: binding.tool, state, retryInMs: Math.round(retryInMs) }];
  });
}
