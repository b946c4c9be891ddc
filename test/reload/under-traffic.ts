/** What a test does while calls come in all the time, none of which may be lost. */
import type { Test } from 'tap';
import { until } from '../support/calls.ts';
import { Traffic } from '../support/traffic.ts';
import type { ReloadingServer } from './reloading-server.ts';

const CALLERS = 4;

/**
 * Calls `greet/hello` meanwhile: every call is answered, over the connections it began with. Resolves with every
 * version that has answered, the oldest first.
 */
export async function underTraffic(
  t: Test,
  server: ReloadingServer,
  work: (traffic: Traffic) => Promise<unknown>,
): Promise<readonly string[]> {
  const traffic = new Traffic(server, 'greet/hello', CALLERS);
  await until('traffic flows', () => traffic.calls > CALLERS);
  try {
    await work(traffic);
  } finally {
    await traffic.stop();
  }
  t.strictSame(traffic.lost, [], `none of ${traffic.calls} calls is lost`);
  t.equal(traffic.connections, CALLERS, 'no connection was closed');
  return [...traffic.versions];
}
