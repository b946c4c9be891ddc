/**
 * The admin port: health for orchestrators, metrics for Prometheus. Plain node:http, off the hot path, and
 * meant for private addresses only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an endpoint answers. */
export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** By path. */
export type AdminEndpoints = Readonly<Record<string, () => AdminAnswer | Promise<AdminAnswer>>>;

/** A value as JSON. */
export function json(status: number, value: unknown): AdminAnswer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

export class AdminServer {
  private readonly server: Server;
  private readonly endpoints: Map<string, AdminEndpoints[string]>;

  constructor(endpoints: AdminEndpoints) {
    this.endpoints = new Map(Object.entries(endpoints));
    this.server = createServer((request, response) => void this.handle(request, response));
  }

  /** Resolves with the port; rejects with Node's own error, for example EADDRINUSE. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.answer(request);
    response.writeHead(answer.status, { 'Content-Type': answer.type, 'Cache-Control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }

  private async answer({ method, url = '/' }: IncomingMessage): Promise<AdminAnswer> {
    const path = url.split('?', 1)[0] ?? '/';
    const endpoint = this.endpoints.get(path);
    const known = [...this.endpoints.keys()];
    if (endpoint === undefined) return json(404, { error: `nothing is here; there is ${known.join(', ')}` });
    if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'only GET is answered here' });
    try {
      return await endpoint();
    } catch (error) {
      return json(500, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Stops listening and ends open connections. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
}
