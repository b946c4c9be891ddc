/** An HTTP service on a free port of this machine that answers as a test says. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Test } from 'tap';

export interface TestUpstream {
  readonly url: string;
  readonly port: number;
  /** Every request so far, in order. */
  readonly requests: readonly IncomingMessage[];
  /** Connections taken so far, and those that are open. */
  readonly connections: { readonly taken: number; readonly open: number };
  /** Closes those that are not used. */
  closeConnections(): void;
}

/** Listens on every address of the loopback network; the test's end stops it. */
export async function startUpstream(
  t: Pick<Test, 'teardown'>,
  listener: RequestListener,
): Promise<TestUpstream> {
  const requests: IncomingMessage[] = [];
  const open = new Set<Socket>();
  let taken = 0;
  // A connection is kept until the other side closes it.
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    requests.push(request);
    listener(request, response);
  });
  server.on('connection', (socket: Socket) => {
    taken++;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0);
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    closeConnections: () => server.closeIdleConnections(),
    get connections() {
      return { taken, open: open.size };
    },
  };
}
