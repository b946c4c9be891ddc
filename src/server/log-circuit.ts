/** How a change of a tool's circuit is told in the log. */
import type { CircuitCounts, CircuitState } from '../circuit/circuit.ts';
import type { Settings } from '../config/settings.ts';
import type { Log } from '../core/log.ts';

/** `tool`: such as `weather/current`. */
export function logCircuit(
  log: Log,
  tool: string,
  state: CircuitState,
  { calls, failures }: CircuitCounts,
  { breakerPauseMs }: Settings,
): void {
  switch (state) {
    case 'open':
      log.warn('circuit opened: calls of the tool are refused', { tool, calls, failures, breakerPauseMs });
      return;
    case 'half-open':
      log.info('circuit half-open: the next call of the tool is let through', { tool });
      return;
    case 'closed':
      log.info('circuit closed: calls of the tool are let through again', { tool });
      return;
    default:
      state satisfies never;
  }
}
