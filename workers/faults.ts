/**
 * Errors that no call can catch: a throw from a plugin's timer, a promise rejected with nobody listening.
 * The call to blame gets its answer at once if it still waits for one; the thread goes on serving.
 */
import type { Call } from './call.ts';
import { currentCall } from './runner.ts';
import type { WorkerLog } from './worker-log.ts';

/** From now on no stray error ends this thread. `fail` answers the call to blame. */
export function surviveFaults(log: WorkerLog, fail: (call: Call, error: unknown) => void): void {
  const blame = (error: unknown, what: string): void => {
    const call = currentCall.getStore();
    if (call === undefined) log.error(`${what} outside of any call`, { error });
    else if (call.settled) {
      log.error(`${what} after its call was answered`, {
        plugin: call.tool.plugin,
        tool: call.tool.name,
        requestId: call.requestId,
        error,
      });
    } else fail(call, error);
  };
  process.on('uncaughtException', (error) => blame(error, 'an error was thrown'));
  process.on('unhandledRejection', (reason) => blame(reason, 'a promise was rejected'));
}
