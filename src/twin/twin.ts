/**
 * A local stand-in for Coze: consent, tokens and a little of its API, on one address that serves for web and API both.
 * For trying plugins without an account, and for tests.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type App, authorize, decideByForm, showConsent, type Visitor } from './consent.ts';
import { Grants } from './grants.ts';
import { type Answer, html, json, type Request, readRequest, sendAnswer } from './http-message.ts';
import { OpenApi } from './open-api.ts';
import { giveTokens } from './token-endpoint.ts';

export { type CallOptions, type CallOutcome, callAsCoze } from './call.ts';
export type { Problem, Rule } from './findings.ts';
export { type Imported, importDocument } from './import-document.ts';
export { isPrivate } from './private-address.ts';
export { type Delivery, type EventToSend, sendEvent, signEvent } from './send-event.ts';
export type { Identity, ImportedTool } from './tool.ts';

export interface TwinOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  readonly clientId?: string;
  /** Undefined: the app uses PKCE only. */
  readonly clientSecret?: string | undefined;
  /** Addresses the app may redirect to, exactly; undefined: any. */
  readonly redirectUris?: readonly string[] | undefined;
  /** Default: 300. */
  readonly codeSeconds?: number;
  /** Default: 900. */
  readonly accessSeconds?: number;
  /** Default: 30 days. */
  readonly refreshSeconds?: number;
  /** Which button of the consent page is pressed by itself; default `ask`: none. */
  readonly consent?: Visitor['decision'];
  /** Who is logged in; default 7400000000000000001. */
  readonly user?: string;
  /** Told each request when it is answered. */
  readonly onAnswer?: (request: Request, status: number) => void;
}

/** What goes wrong at an address instead of the answer, or before it. */
export type Trouble =
  /** The answer comes late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** A server error, in Coze's form. */
  | { readonly kind: 'error'; readonly status: number }
  /** 200 and a page, as of a proxy that wants a login. */
  | { readonly kind: 'html' }
  /** The request is done, and the connection ends without an answer. */
  | { readonly kind: 'lost' };

export interface Twin {
  /** `http://127.0.0.1:8787`; also the API's. */
  readonly url: string;
  readonly clientId: string;
  /** Requests so far, oldest first; the last thousand. */
  readonly requests: readonly Request[];
  /** Trouble for the next `times` requests of a path, for all without it. The twin then goes on as before. */
  disturb(path: string, trouble: Trouble, times?: number): void;
  /** No more trouble. */
  calm(): void;
  /** As if the user had withdrawn consent; without `user`, all of them. */
  revoke(user?: string): void;
  /** The same promise however often it is called. */
  close(): Promise<void>;
}

export const TOKEN_PATH = '/api/permission/oauth2/token';
export const AUTHORIZE_PATH = '/api/permission/oauth2/authorize';

const REMEMBERED = 1000;

/** Rejects when the port is taken. */
export async function startTwin(options: TwinOptions = {}): Promise<Twin> {
  const { port = 0, host = '127.0.0.1', clientId = 'hotlane-local.app.coze', onAnswer } = options;
  const { codeSeconds = 300, accessSeconds = 900, refreshSeconds = 30 * 86_400 } = options;
  const app: App = { clientId, clientSecret: options.clientSecret, redirectUris: options.redirectUris };
  const visitor: Visitor = {
    user: options.user ?? '7400000000000000001',
    decision: options.consent ?? 'ask',
  };
  const grants = new Grants({ codeSeconds, accessSeconds, refreshSeconds });
  const routes = routesOf(app, grants, visitor);
  const requests: Request[] = [];
  const troubles = new Map<string, { readonly trouble: Trouble; left: number }>();

  const takeTrouble = (path: string): Trouble | undefined => {
    const found = troubles.get(path);
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) troubles.delete(path);
    return found.trouble;
  };
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming);
    if (request === undefined) {
      sendAnswer(response, json(413, { code: 4000, msg: 'the body is larger than 1 MiB' }));
      return;
    }
    requests.push(request);
    if (requests.length > REMEMBERED) requests.shift();
    const trouble = takeTrouble(request.path);
    const answer = await troubled(trouble, () => answerTo(request, routes));
    if (answer === undefined) response.destroy();
    else sendAnswer(response, answer);
    onAnswer?.(request, answer?.status ?? 0);
  };
  const server = createServer((incoming, response) => {
    // Only a client that has gone away makes this reject.
    serve(incoming, response).catch(() => response.destroy());
  });
  const url = await listen(server, host, port);
  let closing: Promise<void> | undefined;
  return {
    url,
    clientId,
    requests,
    disturb: (path, trouble, times = Number.POSITIVE_INFINITY) =>
      troubles.set(path, { trouble, left: times }),
    calm: () => troubles.clear(),
    revoke: (user) => grants.revoke(user),
    close: () => {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

type Route = (request: Request) => Answer;

function routesOf(app: App, grants: Grants, visitor: Visitor): ReadonlyMap<string, Route> {
  const api = new OpenApi(grants);
  return new Map<string, Route>([
    [`GET ${AUTHORIZE_PATH}`, (request) => authorize(request, app, grants, visitor)],
    ['GET /oauth/consent', (request) => showConsent(request, app, grants)],
    ['POST /oauth/consent', (request) => decideByForm(request, grants)],
    [`POST ${TOKEN_PATH}`, (request) => giveTokens(request, app, grants)],
    ['GET /v1/users/me', (request) => api.me(request)],
    ['POST /v3/chat', (request) => api.chat(request)],
    ['GET /v3/chat/retrieve', (request) => api.retrieve(request)],
    ['GET /v3/chat/message/list', (request) => api.messages(request)],
  ]);
}

function answerTo(request: Request, routes: ReadonlyMap<string, Route>): Answer {
  const route = routes.get(`${request.method} ${request.path}`);
  return route?.(request) ?? json(404, { code: 4000, msg: 'the twin has nothing at this path' });
}

/** Undefined: the connection ends instead. */
async function troubled(trouble: Trouble | undefined, answer: () => Answer): Promise<Answer | undefined> {
  switch (trouble?.kind) {
    case undefined:
      return answer();
    case 'slow':
      // Nobody waits for it when the twin has been closed.
      await pause(trouble.ms, undefined, { ref: false });
      return answer();
    case 'error':
      return json(trouble.status, { error_code: 'internal_error', error_message: 'Service internal error.' });
    case 'html':
      return html(200, '<!doctype html><title>Login</title>');
    case 'lost':
      answer();
      return undefined;
  }
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const actual = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${host}:${actual}`);
    });
  });
}
