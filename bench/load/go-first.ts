/**
 * Lets a sender have a core before the server it measures, where the system allows that: on one machine with a server
 * that uses all cores, it would otherwise measure its own waiting. It sleeps most of the time.
 */
import { constants, setPriority } from 'node:os';

export function goFirst(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Not allowed for ordinary users. How late the sender was is in its report.
  }
}
