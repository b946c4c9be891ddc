/** All workers finish what they started and go; what is left after a while is terminated. */
import type { Occupant } from './seat-table.ts';

export interface LettingGo {
  readonly drain: (entry: Occupant) => void;
  /** A thread that stands by. */
  readonly dismiss: (entry: Occupant, reason: string) => void;
  readonly terminate: (entry: Occupant, reason: string) => void;
}

/** Resolves when they have gone, or `ms` and a second have passed: a thread inside native code may outlive everything. */
export async function letGo(
  leaving: readonly Occupant[],
  { drain, dismiss, terminate }: LettingGo,
  ms: number,
): Promise<void> {
  for (const entry of leaving) {
    if (entry.state === 'starting') terminate(entry, 'the server is stopping');
    else if (entry.state === 'standby') dismiss(entry, 'the server is stopping');
    else drain(entry);
  }
  const limit = setTimeout(() => {
    for (const entry of leaving) terminate(entry, `not drained within ${ms} ms`);
  }, ms);
  // The process's exit ends the others.
  const zombies = new Promise<void>((resolve) => {
    setTimeout(resolve, ms + 1000).unref();
  });
  await Promise.race([Promise.all(leaving.map(({ thread }) => thread.ended)), zombies]);
  clearTimeout(limit);
}
