/** Every process the benchmark starts, so that none outlives it. */
import type { ChildProcess } from 'node:child_process';

const living = new Set<ChildProcess>();

/** Takes note of a child until it ends; returns it. */
export function owned<Child extends ChildProcess>(child: Child): Child {
  living.add(child);
  // 'exit' does not come for a child that could not be started.
  for (const event of ['exit', 'error']) child.once(event, () => living.delete(child));
  return child;
}

/** Ends, at once and by process id, whatever is still running. For when the benchmark itself has to go. */
export function killOwned(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** Asks a child to end, and kills it when it takes longer than `patienceMs`. Resolves when it is gone. */
export async function stopChild(child: ChildProcess, patienceMs: number): Promise<void> {
  if (!living.has(child)) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await gone;
  clearTimeout(timer);
}
