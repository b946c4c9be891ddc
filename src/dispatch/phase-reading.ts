/** Where each phase of a call is counted: the front's are its own, the worker's come from all workers. */
import type { ToolId } from '../core/brand.ts';
import type { HistogramReading, Meters } from '../shm/meters.ts';
import type { Phase } from '../wire/phases.ts';

/** In the buckets of DURATION_BOUNDS. */
export function phaseReading(meters: Meters, tool: ToolId, phase: Phase): HistogramReading {
  switch (phase) {
    case 'read':
      return meters.transfers(tool).read;
    case 'queue':
      return meters.waits(tool);
    case 'parse':
      return meters.phase(tool, 0);
    case 'validate':
      return meters.phase(tool, 1);
    case 'run':
      return meters.phase(tool, 2);
    case 'encode':
      return meters.phase(tool, 3);
    case 'send':
      return meters.transfers(tool).send;
  }
}
