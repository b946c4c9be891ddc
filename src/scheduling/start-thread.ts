/**
 * Threads that start before they are needed, and those that only have to end, stand back. Starting one is some 50 ms of
 * work that nobody waits for. A call is a thousandth of that, wakes several threads on its way, and each of them would wait
 * behind the one that starts, for up to a tick of the clock.
 *
 * What a thread starts has the same turns as itself. So no plugin's code runs in a thread that stands back, for what it starts
 * would do so for ever; only a candidate's does, in a thread that is thrown away.
 */
import { readdirSync } from 'node:fs';
import { findScheduler } from './scheduler.ts';
import { Standing } from './standing.ts';

/**
 * Calls `start`, which starts one thread before it returns. It competes at first, and for ever where its standing is
 * not known.
 */
export function startThread<Started>(
  start: () => Started,
  scheduler = findScheduler(),
): { readonly started: Started; readonly standing: Standing | undefined } {
  if (scheduler === undefined) return { started: start(), standing: undefined };
  const before = new Set(threads());
  const started = start();
  const [tid, ...others] = threads().filter((thread) => !before.has(thread));
  // Two at once: the runtime has started one of its own meanwhile, and nobody can tell which is which.
  const isKnown = tid !== undefined && others.length === 0;
  return { started, standing: isKnown ? new Standing(Number(tid), scheduler) : undefined };
}

const threads = (): string[] => readdirSync('/proc/self/task');
