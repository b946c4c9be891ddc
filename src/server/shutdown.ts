/**
 * The end, in numbered steps. After each step it says what may still arrive.
 *
 *   1. readiness goes down              load balancers stop sending; calls go on being taken
 *   2. the front stops accepting        no new connections; new calls on open ones get 503
 *   3. requests in progress finish      received, run and answered to the last byte, or the time is up
 *   4. what is left is answered 503     nobody waits any more
 *   5. connections close                nothing arrives from clients any more
 *   6. workers drain and go             dispose runs; whoever hangs is terminated
 *   7. the admin port closes            last, so that the shutdown can be watched
 */
import type { AdminServer } from '../admin/admin-server.ts';
import type { Log } from '../core/log.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { HttpFront } from '../front/http-front.ts';
import type { WorkerPool } from '../pool/worker-pool.ts';

/** What workers get to dispose and go, in ms, after the last call has ended. */
const WORKER_LIMIT = 2_000;

export interface Parts {
  readonly front: HttpFront;
  readonly dispatcher: Dispatcher;
  readonly pool: WorkerPool;
  readonly admin: AdminServer;
  readonly log: Log;
}

/** `drainMs`: how long requests in progress may take to finish. Step 1 is the caller's. */
export async function shutDown(
  { front, dispatcher, pool, admin, log }: Parts,
  drainMs: number,
): Promise<void> {
  front.stopAccepting();
  const finished = await within(Promise.all([dispatcher.whenEmpty(), front.whenQuiet()]), drainMs);
  if (!finished) {
    const { inFlight: calls } = dispatcher;
    log.warn('requests cut off by the shutdown', { requests: front.openRequests, calls, drainMs });
    dispatcher.failAll('SHUTTING_DOWN');
  }
  front.close();
  await pool.stop(WORKER_LIMIT);
  dispatcher.close();
  await admin.close();
}

/** True when `done` came first. */
async function within(done: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const first = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return first;
}
