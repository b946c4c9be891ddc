/**
 * The admin port: health for orchestrators, metrics for Prometheus, plugins for operators. Plain node:http, off
 * the hot path, and meant for private addresses only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { actionRefusal, hostRefusal } from './browser-guard.ts';
import { readJsonBody } from './json-body.ts';
import { matchPath } from './path-pattern.ts';

/** What an endpoint answers. */
export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Headers beside the content type. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A body that is read as fast as the client takes it, and destroyed when the client goes away. */
export type StreamedAnswer = Omit<AdminAnswer, 'body'> & { readonly body: Readable };

/** What an endpoint is asked. */
export interface AdminRequest {
  /** The segment that stands for `{name}` in the endpoint's path, decoded. */
  parameter(name: string): string;
  /** An action's body as read from JSON; undefined when there is none. */
  readonly body: unknown;
  /** Aborted when the client goes away before its answer has been sent. */
  readonly signal: AbortSignal;
}

export type AdminHandler = (request: AdminRequest) => Answer | Promise<Answer>;

type Answer = AdminAnswer | StreamedAnswer;

/** A function answers GET and HEAD and changes nothing; `POST` is an action. */
export type AdminEndpoint = AdminHandler | { readonly POST: AdminHandler };

/** By path; `{name}` in a path stands for any one segment. */
export type AdminEndpoints = Readonly<Record<string, AdminEndpoint>>;

/** A value as JSON. */
export function json(status: number, value: unknown): AdminAnswer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

/** A sentence that says why the request is not met. */
export function refusal(status: number, sentence: string): AdminAnswer {
  return json(status, { error: sentence });
}

export class AdminServer {
  private readonly server: Server;
  private readonly endpoints: AdminEndpoints;
  private readonly hostNames: readonly string[];

  /** `hostNames`: what a request's Host may be beside an IP address and localhost. */
  constructor(endpoints: AdminEndpoints, hostNames: readonly string[] = []) {
    this.endpoints = endpoints;
    this.hostNames = hostNames;
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
    const left = new AbortController();
    response.once('close', () => left.abort());
    const { status, type, body, ...answer } = await this.answer(request, left.signal);
    response.writeHead(status, { ...answer.headers, 'Content-Type': type, 'Cache-Control': 'no-store' });
    if (typeof body === 'string') response.end(request.method === 'HEAD' ? undefined : body);
    // Whoever does not read to the end knows it; nobody else need.
    else await pipeline(body, response).catch(() => undefined);
  }

  private async answer(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const { method, url = '/', headers } = request;
    const strange = hostRefusal(headers.host, this.hostNames);
    if (strange !== undefined) return refusal(403, strange);
    const found = this.find(url.split('?', 1)[0] ?? '/');
    if (found === undefined) {
      return refusal(404, `nothing is here; there is ${Object.keys(this.endpoints).join(', ')}`);
    }
    const { endpoint, parameters } = found;
    const parameter = (name: string): string => {
      const value = parameters.get(name);
      if (value === undefined) throw new Error(`the endpoint's path has no {${name}}`);
      return value;
    };
    try {
      if (typeof endpoint === 'function') {
        if (method !== 'GET' && method !== 'HEAD') return wrongMethod('GET, HEAD');
        return await endpoint({ parameter, body: undefined, signal });
      }
      if (method !== 'POST') return wrongMethod('POST');
      const foreign = actionRefusal(headers);
      if (foreign !== undefined) return refusal(403, foreign);
      const read = await readJsonBody(request);
      if (read.outcome === 'refused') return refusal(read.status, read.reason);
      return await endpoint.POST({ parameter, body: read.value, signal });
    } catch (error) {
      return refusal(500, error instanceof Error ? error.message : String(error));
    }
  }

  private find(path: string) {
    for (const [pattern, endpoint] of Object.entries(this.endpoints)) {
      const parameters = matchPath(pattern, path);
      if (parameters !== undefined) return { endpoint, parameters };
    }
    return undefined;
  }

  /** Stops listening and ends open connections. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
}

function wrongMethod(allowed: string): AdminAnswer {
  return { ...refusal(405, `only ${allowed} is answered here`), headers: { Allow: allowed } };
}
