/** One request on a connection of its own, with its whole answer checked. */
import { type Call, faultOf } from './call.ts';
import { Connection } from './connection.ts';
import type { Ending } from './line.ts';

/**
 * What is wrong with the answer, or undefined when it is right. Rejects when no connection comes about.
 * `serial` makes the request's text.
 */
export async function singleRequest(
  port: number,
  call: Call,
  serial: number,
  timeoutMs: number,
): Promise<string | undefined> {
  const connection = await Connection.open(port, call, serial);
  let timer: NodeJS.Timeout | undefined;
  try {
    const ending = await new Promise<Ending>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'broken', reason: 'no answer in time' }), timeoutMs);
      connection.send(resolve);
    });
    if (ending.kind === 'broken') return ending.reason;
    return faultOf(call, serial, ending.status, ending.body.toString());
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
