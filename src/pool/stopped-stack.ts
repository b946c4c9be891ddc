/**
 * Where a thread is now, however busy it is: the debugger stops it for a moment, between two turns of a loop or of a
 * regular expression, and lets it go on. Native code cannot be stopped. (A CPU profile would not do: code that was optimised
 * while it ran, as endless loops are, is missing in one that begins later.)
 */
import { type Debugger, Session } from 'node:inspector';
import type { Worker } from 'node:worker_threads';

export interface StackFrame {
  readonly url: string;
  /** '' where it has no name. */
  readonly name: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What the inspector of a worker says, as far as it matters here. */
type FromWorker =
  | { readonly method: 'Debugger.scriptParsed'; readonly params: Debugger.ScriptParsedEventDataType }
  | { readonly method: 'Debugger.paused'; readonly params: Debugger.PausedEventDataType }
  | { readonly method?: undefined };

/** Innermost first; undefined: it could not be stopped within `ms`. Takes some fifty milliseconds. Never rejects. */
export function stoppedStack({ threadId }: Worker, ms: number): Promise<readonly StackFrame[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<readonly StackFrame[] | undefined>();
  const session = new Session();
  const urls = new Map<string, string>();
  let say: ((method: string) => void) | undefined;
  session.connect();
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
    if (!workerInfo.title.startsWith(`[worker ${threadId}]`)) return;
    let id = 0;
    say = (method) => {
      const message = JSON.stringify({ id: ++id, method });
      session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
    };
    say('Debugger.enable');
    say('Debugger.pause');
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const event: FromWorker = JSON.parse(params.message);
    if (event.method === 'Debugger.scriptParsed') urls.set(event.params.scriptId, event.params.url);
    if (event.method !== 'Debugger.paused') return;
    // Which lets it go on.
    say?.('Debugger.disable');
    resolve(
      event.params.callFrames.map(({ functionName, location }) => ({
        url: urls.get(location.scriptId) ?? '',
        name: functionName,
        line: location.lineNumber + 1,
      })),
    );
  });
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const limit = setTimeout(resolve, ms, undefined);
  return promise.finally(() => {
    clearTimeout(limit);
    session.post('NodeWorker.disable');
    session.disconnect();
  });
}
