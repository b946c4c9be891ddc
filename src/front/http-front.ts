/**
 * The HTTP front: takes requests, hands them to the dispatcher, sees the answers out. Does nothing slow.
 *
 *   head ─► route ─► framing, media type, size ─► Exchange (body) ─► Dispatcher
 */
import type { SlotIndex, VersionId } from '../core/brand.ts';
import { type Clock, elapsed, micros } from '../core/clock.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { CallTimes } from '../dispatch/call-records.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Refusal } from '../dispatch/refusal.ts';
import { CONTRACT } from '../wire/contract.ts';
import type { Guard } from '../wire/guard.ts';
import { codeOf, outcomeName, SUCCESS, TOOL_ERROR } from '../wire/outcome.ts';
import type { Page } from '../wire/page.ts';
import { madeId } from '../wire/request-id.ts';
import { LARGEST_BODY, LARGEST_DISCARD } from './body.ts';
import { CommonHeads } from './common-head.ts';
import { Exchange, type ExchangeHost } from './exchange.ts';
import { guardedHead } from './guarded-head.ts';
import { targetOf, UNREADABLE_TARGET } from './native-target.ts';
import { PageExchange, type PageHost } from './page-exchange.ts';
import { queryOf } from './query-of.ts';
import { RequestHead } from './request-head.ts';
import { RequestLog } from './request-log.ts';
import { type Route, Routes } from './routes.ts';
import { type TlsFiles, tlsOptions } from './tls.ts';
import { type HttpApp, type HttpRequest, type HttpResponse, type us_listen_socket, uWS } from './uws.ts';

export interface FrontOptions {
  readonly dispatcher: Dispatcher;
  /** Undefined: the phases of calls are not measured. */
  readonly clock: Clock | undefined;
  /** Every answer of a worker says where the time went, not only those asked for. */
  readonly serverTiming: boolean;
  readonly idPrefix: string;
  readonly log: Log;
  /** One successful request in this many is logged; 0: none. */
  readonly logSample: number;
  readonly tls: TlsFiles | undefined;
  /** False while no worker serves or is being started. */
  readonly isAvailable: () => boolean;
  /** What X-Plugin-Version says of a version; undefined: nothing. Visible ASCII only. */
  readonly versionName: (version: VersionId) => string | undefined;
}

/** In lower case. Methods are case-sensitive (RFC 9110, 9.1): what only looks like one of ours is some other one. */
function methodOf(req: HttpRequest): string {
  const exact = req.getCaseSensitiveMethod();
  return exact === exact.toUpperCase() ? exact.toLowerCase() : exact.toUpperCase();
}

type CallRoute = Extract<Route, { readonly kind: 'tool' | 'native' }>;

export class HttpFront implements ExchangeHost, PageHost {
  readonly idPrefix: string;
  readonly heads: CommonHeads;
  closing = false;
  /** Requests refused before they became calls, by code. */
  readonly refusals = new Map<ErrorCode, number>();
  private readonly dispatcher: Dispatcher;
  private readonly clock: Clock | undefined;
  private readonly alwaysTimes: boolean;
  private readonly log: RequestLog;
  private readonly app: HttpApp;
  private readonly head = new RequestHead();
  private readonly isAvailable: () => boolean;
  readonly versionName: (version: VersionId) => string | undefined;
  private routes = new Routes({ tools: [], defaultPlugin: undefined });
  /** Exchanges that have not ended. */
  private open = 0;
  private quietListener: (() => void) | undefined;
  private sequence = 0;
  private socket: us_listen_socket | undefined;

  constructor(options: FrontOptions) {
    this.dispatcher = options.dispatcher;
    this.clock = options.clock;
    this.alwaysTimes = options.serverTiming;
    this.isAvailable = options.isAvailable;
    this.versionName = options.versionName;
    this.idPrefix = options.idPrefix;
    this.heads = new CommonHeads(options.idPrefix);
    this.log = new RequestLog(options.log, options.logSample);
    this.app = options.tls === undefined ? uWS.App() : uWS.SSLApp(tlsOptions(options.tls));
    this.app.post('/*', (res, req) => this.onRequest('post', res, req));
    this.app.any('/*', (res, req) => this.onRequest(methodOf(req), res, req));
  }

  private begin(res: HttpResponse): Exchange {
    this.open++;
    const exchange = new Exchange(this, res, ++this.sequence);
    if (this.clock !== undefined) exchange.begunAt = micros(this.clock.now());
    return exchange;
  }

  /** An exception that reaches the library ends the process, so none may leave a handler. */
  private onRequest(method: string, res: HttpResponse, req: HttpRequest): void {
    let exchange: Exchange | undefined;
    try {
      const { head } = this;
      head.read(req);
      const route = this.routes.find(method, req.getUrl());
      if (route?.kind === 'page' && head.framing === undefined && !this.closing) {
        this.servePage(res, req, route.page);
        return;
      }
      exchange = this.begin(res);
      exchange.headOnly = method === 'head';
      this.answer(exchange, method, route, req);
    } catch (error) {
      this.fault(error);
      if (exchange === undefined) res.close();
      else exchange.answerError('PLUGIN_FAULT', true);
    }
  }

  private answer(exchange: Exchange, method: string, route: Route | undefined, req: HttpRequest): void {
    const { head } = this;
    exchange.identity = head.identity;
    exchange.hasServerTiming = this.alwaysTimes || head.wantsTiming;
    if (head.framing !== undefined) exchange.refuseFraming(head.framing);
    else if (method === 'options') exchange.answerPreflight();
    else if (route === undefined) exchange.answerError('NOT_FOUND');
    else if (route.kind === 'wrong-method') exchange.refuseMethod(route.allow);
    else if (route.kind === 'refused') exchange.answerError(route.code);
    else if (route.kind === 'page') exchange.answerError('SHUTTING_DOWN');
    else this.receive(exchange, route, req);
  }

  /** A call of a tool; its head has been read. */
  private receive(exchange: Exchange, route: CallRoute, req: HttpRequest): void {
    const { head } = this;
    const { tool } = route;
    exchange.tool = tool;
    exchange.hidesStatus = route.kind === 'native' ? tool.hidesStatus.native : tool.hidesStatus.envelope;
    if (route.kind === 'tool' && head.hasBearer) {
      exchange.deny('the envelope contract takes no Authorization: Bearer');
      return;
    }
    if (tool.guard !== undefined && !this.letIn(exchange, tool.guard, req)) return;
    if (route.kind === 'native' && !this.readTarget(exchange, route, req)) return;
    if (head.hasConflict) exchange.answerError('IDENTITY_CONFLICT');
    else if (this.closing) exchange.answerError('SHUTTING_DOWN');
    else if (!this.isAvailable()) exchange.answerError('NOT_READY');
    else if (!head.isJson && (head.hasBody || route.kind === 'tool'))
      exchange.answerError('UNSUPPORTED_MEDIA_TYPE');
    else if ((head.contentLength ?? 0) > LARGEST_DISCARD) exchange.answerError('BODY_TOO_LARGE', true);
    else {
      if ((head.contentLength ?? 0) > LARGEST_BODY) exchange.refuseLarge(0, false);
      exchange.readBody();
      if (head.contentLength === 0) exchange.endBody();
    }
  }

  /** Where the arguments of a native call stand beside its body. False: it has been refused. */
  private readTarget(
    exchange: Exchange,
    route: CallRoute & { readonly kind: 'native' },
    req: HttpRequest,
  ): boolean {
    const target = targetOf(route, queryOf(req));
    if (target === undefined) {
      exchange.answerError('SCHEMA_VIOLATION', false, undefined, UNREADABLE_TARGET);
      return false;
    }
    exchange.target = target;
    exchange.contract = route.tool.isStreaming && this.head.wantsStream ? CONTRACT.stream : CONTRACT.native;
    return true;
  }

  taken(exchange: Exchange, pieces: number): void {
    if (exchange.slot !== undefined) this.dispatcher.more(exchange.slot, exchange, pieces);
  }

  /** False: it has been refused. */
  private letIn(exchange: Exchange, guard: Guard, req: HttpRequest): boolean {
    const judgement = guard.judge(guardedHead(req, guard));
    if (judgement.kind === 'refused') exchange.deny(judgement.reason);
    else if (judgement.kind === 'undecided') exchange.decide = judgement.decide;
    return judgement.kind !== 'refused';
  }

  private servePage(res: HttpResponse, req: HttpRequest, page: Page): void {
    const { head } = this;
    this.open++;
    const requestId = head.identity.requestId ?? madeId(this.idPrefix, ++this.sequence);
    new PageExchange(this, res, requestId).serve(req, page, head.hasBody);
  }

  pageEnded(requestId: string, path: string, status: number): void {
    this.leave();
    if (status >= 400) this.log.failure({ requestId, status, path });
  }

  /** The front itself, or a page, has failed. */
  fault(error: unknown): void {
    this.log.fault(error);
  }

  submit(exchange: Exchange, body: Uint8Array): SlotIndex | Refusal {
    const { tool, identity, sequence, contract, target } = exchange;
    if (tool === undefined) return { code: 'NOT_FOUND', retryAfter: undefined };
    const { id, timeoutMs, budgetMs } = tool;
    const call = { tool: id, timeoutMs, budgetMs, identity, sequence, contract, target };
    return this.dispatcher.submit(call, body, exchange);
  }

  sent(exchange: Exchange, times: CallTimes): void {
    this.dispatcher.records.sent(times, exchange.begunAt, () => exchange.requestId);
  }

  abandon(slot: SlotIndex, exchange: Exchange): void {
    this.dispatcher.cancel(slot, exchange);
  }

  ended(exchange: Exchange, status: number, code: ErrorCode | undefined): void {
    this.leave();
    if (status === 200 ? this.log.wantsSuccess() : status >= 400) {
      const { requestId, tool, identity, denial, outcome = SUCCESS, begunAt } = exchange;
      const { userId, botId, conversationId, traceId } = identity;
      const called = { plugin: tool?.plugin, tool: tool?.tool };
      const facts = {
        requestId,
        status,
        ...called,
        code: code ?? codeOf(outcome),
        reason: denial,
        // The tool has said no, which is an answer like any other but for those who look for it.
        outcome: outcome === TOOL_ERROR ? outcomeName(outcome) : undefined,
        ms: this.clock === undefined ? undefined : elapsed(begunAt, micros(this.clock.now())) / 1000,
        userId,
        botId,
        conversationId,
        traceId,
      };
      if (status === 200) this.log.success(facts);
      else this.log.failure(facts);
    }
    if (code !== undefined) this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  private leave(): void {
    this.open--;
    if (this.open === 0) this.quietListener?.();
  }

  /** Listens; resolves with the port. Rejects with code EADDRINUSE where the port is taken. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.app.listen(host, port, uWS.LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => {
        if (socket === false) {
          const error = new Error(`cannot listen on ${host}:${port}`);
          reject(Object.assign(error, { code: 'EADDRINUSE', port }));
          return;
        }
        this.socket = socket;
        resolve(uWS.us_socket_local_port(socket));
      });
    });
  }

  /** Replaces the paths; calls already read keep their tool. */
  route(routes: Routes): void {
    this.routes = routes;
  }

  /**
   * First step of a shutdown: no new connections, new calls are refused, and each connection ends behind its
   * answer. Calls already taken go on.
   */
  stopAccepting(): void {
    this.closing = true;
    if (this.socket !== undefined) uWS.us_listen_socket_close(this.socket);
    this.socket = undefined;
  }

  /** Requests that are being received or answered now. */
  get openRequests(): number {
    return this.open;
  }

  /** Resolves when every request has been received whole and the last byte of its answer has been sent. */
  whenQuiet(): Promise<void> {
    if (this.open === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.quietListener = resolve;
    });
  }

  /** Last step: ends every connection, whatever is still on it. */
  close(): void {
    this.app.close();
  }
}
