/**
 * One request to one host and its answer, up to the last byte. It ends once, in one of these ways:
 *
 *   how                                    counted as   says about the host
 *   answer complete                        answered     bad if 5xx, else good
 *   dropped by us after the status came    answered     the same
 *   dropped by us before                   cancelled    nothing
 *   out of time, before or in the body     failed       bad
 *   no connection, connection lost         failed       bad
 *   the request itself was wrong           cancelled    nothing
 */
import type { Dispatcher } from 'undici';
import type { Ticket } from '../../src/circuit/circuit.ts';
import type { Result } from './ledger.ts';
import type { Upstream, Verdict } from './upstream.ts';

type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** Codes of undici for requests that never went out because of what they are. */
const OWN_MISTAKES: ReadonlySet<unknown> = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED']);

export class Exchange implements Dispatcher.DispatchHandler {
  private readonly handler: Dispatcher.DispatchHandler;
  private readonly upstream: Upstream;
  private readonly ticket: Ticket | undefined;
  private readonly onEnd: (exchange: Exchange) => void;
  private controller: Controller | undefined;
  private status: number | undefined;
  private givenUp: Error | undefined;
  private isOver = false;

  /** `handler` hears everything as if it were asked directly; `onEnd` hears of the end, however it comes. */
  constructor(
    handler: Dispatcher.DispatchHandler,
    upstream: Upstream,
    ticket: Ticket | undefined,
    onEnd: (exchange: Exchange) => void,
  ) {
    this.handler = handler;
    this.upstream = upstream;
    this.ticket = ticket;
    this.onEnd = onEnd;
  }

  /** Nobody wants the answer, or the rest of it. Decides what that counts as; `abort` is to follow. */
  giveUp(reason: unknown): void {
    this.givenUp = reason instanceof Error ? reason : new Error('given up', { cause: reason });
    // Who does not read makes the host wait, not the other way round.
    const isLate = this.givenUp.name === 'TimeoutError' && this.controller?.paused !== true;
    if (isLate) this.end('failed', 'bad');
    else this.drop();
  }

  /** Closes the connection of an exchange that has been given up. */
  abort(): void {
    if (this.givenUp !== undefined) this.controller?.abort(this.givenUp);
  }

  private drop(): void {
    if (this.status === undefined) this.end('cancelled', 'nothing');
    else this.end('answered', verdictOf(this.status));
  }

  private end(result: Result, verdict: Verdict): void {
    if (this.isOver) return;
    this.isOver = true;
    this.upstream.settle(this.ticket, result, verdict);
    this.onEnd(this);
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.controller = controller;
    this.handler.onRequestStart?.(controller, context);
    // It may have been given up while it waited for a connection.
    this.abort();
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, message?: string): void {
    if (status >= 200) this.status = status;
    this.handler.onResponseStart?.(controller, status, headers, message);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    this.end('answered', verdictOf(this.status ?? 0));
    this.handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Controller, error: Error): void {
    // Aborted from our side: the body was cancelled, or a redirect is followed without reading it.
    if (this.controller?.aborted === true) this.drop();
    else if ('code' in error && OWN_MISTAKES.has(error.code)) this.end('cancelled', 'nothing');
    else this.end('failed', 'bad');
    this.handler.onResponseError?.(controller, error);
  }

  onBodySent(chunk: Buffer): void {
    this.handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.handler.onRequestSent?.();
  }

  onResponseStarted(): void {
    this.handler.onResponseStarted?.();
  }
}

function verdictOf(status: number): Verdict {
  return status >= 500 ? 'bad' : 'good';
}
