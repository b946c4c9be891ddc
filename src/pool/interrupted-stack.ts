/**
 * Where a thread is now, however busy it is: its stack, asked for in between two turns of a loop or of a regular
 * expression. Native code cannot be asked. The thread is not stopped by the debugger, which would tell the same: a thread
 * that is terminated while it stands still there never ends. (A CPU profile would not do either: code that was optimised
 * while it ran, as endless loops are, is missing in one that begins later.)
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { WorkerConsole } from './worker-console.ts';

export interface StackFrame {
  readonly url: string;
  /** '' where it has no name. */
  readonly name: string;
  /** Counted from 1. */
  readonly line: number;
}

/** More than the ten frames of an ordinary stack: the plugin's may lie below those of a library. */
const STACK = `(() => {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  try { return new Error('here').stack; } finally { Error.stackTraceLimit = before; }
})()`;

/** Innermost first; undefined: it could not be asked within `ms`. Never rejects. */
export async function interruptedStack(
  worker: Worker,
  ms: number,
): Promise<readonly StackFrame[] | undefined> {
  using inside = new WorkerConsole(worker);
  const late = new AbortController();
  try {
    const stack = await Promise.race([
      inside.evaluate(STACK),
      wait(ms, undefined, { signal: late.signal, ref: false }),
    ]);
    return typeof stack === 'string' ? readStack(stack) : undefined;
  } catch {
    return undefined;
  } finally {
    late.abort();
  }
}

/** `    at Object.execute (file:///plugins/greet/index.ts:30:15)`, with or without a name. */
const FRAME = /^ {4}at (?:async )?(?:(.*) \()?(file:.*?):(\d+):\d+\)?$/;

/** The frames that lie in files. */
export function readStack(stack: string): readonly StackFrame[] {
  return stack.split('\n').flatMap((text): StackFrame[] => {
    const [, name = '', url, line] = FRAME.exec(text) ?? [];
    return url === undefined ? [] : [{ url, name: name.replace(/^Object\./, ''), line: Number(line) }];
  });
}
