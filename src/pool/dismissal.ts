/** A thread that stood by goes, and what it has loaded is disposed of, as when a worker has drained. */
import type { Seats } from '../shm/seats.ts';
import type { Occupant } from './seat-table.ts';

/** How long it may take to load and to dispose of its plugins, in ms. */
const LIMIT = 60_000;

export interface DismissalHost {
  readonly seats: Seats;
  readonly terminate: (entry: Occupant, reason: string) => void;
}

export function dismiss({ seats, terminate }: DismissalHost, entry: Occupant, reason: string): void {
  if (entry.deployment === undefined) {
    terminate(entry, reason);
    return;
  }
  const { thread } = entry;
  entry.state = 'draining';
  seats.drain(thread.seat);
  const limit = setTimeout(() => terminate(entry, 'not drained in time'), LIMIT);
  void thread.ended.then(() => clearTimeout(limit));
  // It serves nobody: it is told to drain already.
  thread.loaded.then(
    () => thread.serve([]),
    () => undefined,
  );
}
