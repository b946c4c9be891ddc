/** From a thread that was given plugins to a worker that serves. */
import type { ToolBinding } from '../wire/catalogue.ts';
import type { Occupant } from './seat-table.ts';
import type { LoadReport } from './thread.ts';

/** How long a thread may take from its start to "loaded", in ms; each plugin's own limit is shorter. */
const START_LIMIT = 30_000;

/** What a plugin that does not load means: the worker serves without it, or not at all. */
export type Strictness = 'leave out' | 'refuse';

export interface BringUpHost {
  terminate(entry: Occupant, reason: string): void;
  /** The numbers of the tools that were loaded. */
  loaded(entry: Occupant, report: LoadReport): readonly ToolBinding[];
}

/** Resolves when the worker serves, or was told to go before it did; rejects with the reason why it cannot. */
export async function bringUp(host: BringUpHost, entry: Occupant, strictness: Strictness): Promise<void> {
  const { thread } = entry;
  const report = await loadedInTime(thread.loaded, (reason) => host.terminate(entry, reason));
  const [failure] = report.failures;
  if (strictness === 'refuse' && failure !== undefined) {
    const reason = `${failure.name}: ${failure.reason}`;
    host.terminate(entry, `it cannot load all plugins: ${reason}`);
    throw new Error(reason);
  }
  thread.serve(host.loaded(entry, report));
  await thread.serving;
  if (entry.state === 'starting') entry.state = 'serving';
}

/**
 * What a thread says that it has loaded; `giveUp` is to end one that takes longer than `limitMs`, a loop in a plugin's
 * first lines for example. Rejects when the thread ends before.
 */
export async function loadedInTime(
  loaded: Promise<LoadReport>,
  giveUp: (reason: string) => void,
  limitMs = START_LIMIT,
): Promise<LoadReport> {
  const limit = setTimeout(() => giveUp(`not loaded within ${limitMs} ms`), limitMs);
  try {
    return await loaded;
  } finally {
    clearTimeout(limit);
  }
}
