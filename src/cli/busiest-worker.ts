/** Which worker a command looks into when none is named. */
import { setTimeout as wait } from 'node:timers/promises';
import type { LiveView } from '../insight/live-view.ts';
import { ratesBetween } from '../insight/rates.ts';
import { ask } from './admin-client.ts';
import { EXIT } from './exit-codes.ts';
import { isLiveView } from './insight-shapes.ts';
import { readReply } from './read-reply.ts';

/** Long enough to tell a thread that stands still from one that is idle. */
const LOOK_MS = 300;

/** By what their threads have done for a moment. Undefined: standard error and the exit code have told why. */
export async function busiestWorker(server: URL): Promise<number | undefined> {
  const before = await viewOf(server);
  if (before === undefined) return undefined;
  await wait(LOOK_MS);
  const after = await viewOf(server);
  if (after === undefined) return undefined;
  const workers = ratesBetween(before, after)?.workers ?? [];
  return chosen(workers, ({ busy }) => busy);
}

/** The one with the largest heap. Undefined: standard error and the exit code have told why. */
export async function largestWorker(server: URL): Promise<number | undefined> {
  const view = await viewOf(server);
  return view && chosen(view.workers, ({ heapMb = 0 }) => heapMb);
}

async function viewOf(server: URL): Promise<LiveView | undefined> {
  return readReply(await ask(server, { method: 'GET', path: '/top' }), server, isLiveView)?.value;
}

function chosen<
  Worker extends LiveView['workers'][number] | { readonly seat: number; readonly state: string },
>(workers: readonly Worker[], measure: (worker: Worker) => number): number | undefined {
  const [first] = workers
    .filter(({ state }) => state === 'serving' || state === 'draining')
    .toSorted((a, b) => measure(b) - measure(a));
  if (first !== undefined) return first.seat;
  process.stderr.write('No worker serves now; `hotlane top` shows what there is.\n');
  process.exitCode = EXIT.refused;
}
