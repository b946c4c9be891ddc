/** A TCP port nobody listens on. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Asks the system for one and gives it back at once; the system does not hand it out again soon. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no port');
  server.close();
  await once(server, 'close');
  return address.port;
}
