/**
 * The HTTP front: takes requests, hands them to the dispatcher, sees the answers out. Does nothing slow.
 *
 *   head ─► route ─► framing, media type, size ─► Exchange (body) ─► Dispatcher
 */
import type { SlotIndex, VersionId } from '../core/brand.ts';
import { type Clock, micros } from '../core/clock.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { CallTimes } from '../dispatch/call-records.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Refusal } from '../dispatch/refusal.ts';
import { LARGEST_BODY, LARGEST_DISCARD } from './body.ts';
import { Exchange, type ExchangeHost } from './exchange.ts';
import { RequestHead } from './request-head.ts';
import { RequestLog } from './request-log.ts';
import { Routes } from './routes.ts';
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

export class HttpFront implements ExchangeHost {
  readonly idPrefix: string;
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
  private routes = new Routes([], undefined);
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
    this.log = new RequestLog(options.log, options.logSample);
    this.app = options.tls === undefined ? uWS.App() : uWS.SSLApp(tlsOptions(options.tls));
    this.app.post('/*', (res, req) => this.onPost(res, req));
    this.app.any('/*', (res, req) => this.onOther(res, req));
  }

  private begin(res: HttpResponse): Exchange {
    this.open++;
    const exchange = new Exchange(this, res, ++this.sequence);
    if (this.clock !== undefined) exchange.begunAt = micros(this.clock.now());
    return exchange;
  }

  /** An exception that reaches the library ends the process, so none may leave a handler. */
  private onPost(res: HttpResponse, req: HttpRequest): void {
    const exchange = this.begin(res);
    try {
      const { head } = this;
      head.read(req);
      exchange.identity = head.identity;
      exchange.hasServerTiming = this.alwaysTimes || head.wantsTiming;
      const route = this.routes.find(req.getUrl());
      if (route?.kind === 'tool') exchange.tool = route.tool;
      if (head.framing !== undefined) exchange.refuseFraming(head.framing);
      else if (route === undefined) exchange.answerError('NOT_FOUND');
      else if (route.kind === 'refused') exchange.answerError(route.code);
      else if (this.closing) exchange.answerError('SHUTTING_DOWN');
      else if (!this.isAvailable()) exchange.answerError('NOT_READY');
      else if (!head.isJson) exchange.answerError('UNSUPPORTED_MEDIA_TYPE');
      else if ((head.contentLength ?? 0) > LARGEST_DISCARD) exchange.answerError('BODY_TOO_LARGE', true);
      else {
        if ((head.contentLength ?? 0) > LARGEST_BODY) exchange.refuseLarge(0, false);
        exchange.readBody();
        if (head.contentLength === 0) exchange.endBody();
      }
    } catch (error) {
      this.fault(exchange, error);
    }
  }

  private onOther(res: HttpResponse, req: HttpRequest): void {
    const exchange = this.begin(res);
    try {
      const { head } = this;
      head.read(req);
      exchange.identity = head.identity;
      exchange.headOnly = req.getMethod() === 'head';
      if (head.framing !== undefined) exchange.refuseFraming(head.framing);
      else if (req.getMethod() === 'options') exchange.answerPreflight();
      else if (this.routes.find(req.getUrl()) === undefined) exchange.answerError('NOT_FOUND');
      else exchange.answerError('METHOD_NOT_ALLOWED');
    } catch (error) {
      this.fault(exchange, error);
    }
  }

  fault(exchange: Exchange, error: unknown): void {
    this.log.fault(error);
    exchange.answerError('PLUGIN_FAULT', true);
  }

  submit(exchange: Exchange, body: Uint8Array): SlotIndex | Refusal {
    const { tool, identity, sequence } = exchange;
    if (tool === undefined) return { code: 'NOT_FOUND', retryAfter: undefined };
    const { id, timeoutMs, budgetMs } = tool;
    return this.dispatcher.submit({ tool: id, timeoutMs, budgetMs, identity, sequence }, body, exchange);
  }

  sent(exchange: Exchange, times: CallTimes): void {
    this.dispatcher.records.sent(times, exchange.begunAt, () => exchange.requestId);
  }

  abandon(slot: SlotIndex, exchange: Exchange): void {
    this.dispatcher.cancel(slot, exchange);
  }

  ended(exchange: Exchange, status: number, code: ErrorCode | undefined): void {
    this.open--;
    if (this.open === 0) this.quietListener?.();
    if (status === 200 ? this.log.wantsSuccess() : status >= 400) {
      const { requestId, tool } = exchange;
      const facts = { requestId, status, plugin: tool?.plugin, tool: tool?.tool, code };
      if (status === 200) this.log.success(facts);
      else this.log.failure(facts);
    }
    if (code !== undefined) this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
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
