/** A uWebSockets.js app that answers the benchmark's tools; how a body becomes a reply is the variant's. */
import { type HttpResponse, uWS } from '../../../src/front/uws.ts';
import type { Reply } from './tool-calls.ts';

/** Either at once or later; what comes at once saves a turn of the event loop. */
export type Answering = (body: Buffer) => Reply | Promise<Reply>;

/** Serves each path with its `Answering` on 127.0.0.1. Bodies are views that die with the call. */
export function serveUws(port: number, routes: ReadonlyMap<string, Answering>): void {
  const app = uWS.App();
  for (const [path, answering] of routes) {
    app.post(path, (res) => {
      const request = { res, aborted: false };
      res.onAborted(() => {
        request.aborted = true;
      });
      let parts: Buffer | undefined;
      res.onData((chunk, last) => {
        const part = Buffer.from(chunk);
        if (!last) {
          // The chunk's memory is taken back after this call, so what has to wait is copied.
          parts = Buffer.concat(parts === undefined ? [part] : [parts, part]);
          return;
        }
        const answer = answering(parts === undefined ? part : Buffer.concat([parts, part]));
        // Here the socket is corked already: head and body leave in one write.
        if (!(answer instanceof Promise)) return send(res, answer);
        answer.then(
          (reply) => {
            if (!request.aborted) res.cork(() => send(res, reply));
          },
          (error: unknown) => {
            if (!request.aborted) res.cork(() => send(res, failure(error)));
          },
        );
      });
    });
  }
  app.any('/*', (res) => {
    res.writeStatus('404').end();
  });
  app.listen('127.0.0.1', port, (socket) => {
    if (socket === false) throw new Error(`port ${port} is taken`);
  });
}

function send(res: HttpResponse, reply: Reply): void {
  if (reply.status !== 200) res.writeStatus(String(reply.status));
  res.writeHeader('Content-Type', 'application/json').end(reply.json);
}

function failure(error: unknown): Reply {
  return { status: 500, json: JSON.stringify({ status: 'error', message: String(error) }) };
}
