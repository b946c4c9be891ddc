/**
 * One request and its answer.
 *
 *   reading ──last piece──► waiting ──reply or fail──► answered
 *      │  │                    └──long reply──► sending ──last byte──► answered
 *      │  └──too large──► discarding ──last piece──► answered
 *      └──────────── client gone, at any time ──────────► gone
 *
 * Touching a response after its end or abort throws, in a timer even uncaught; so every use of `res` goes
 * through `answer`, which asks the state first.
 */
import type { Micros, SlotIndex, VersionId } from '../core/brand.ts';
import { type ErrorCode, errorSpec } from '../core/errors.ts';
import type { CallTimes } from '../dispatch/call-records.ts';
import type { Refusal } from '../dispatch/refusal.ts';
import type { Waiter } from '../dispatch/waiter.ts';
import { type CallIdentity, type NativeTarget, NO_IDENTITY, NO_TARGET } from '../wire/context-frame.ts';
import { CONTRACT, type Contract } from '../wire/contract.ts';
import type { Decision } from '../wire/guard.ts';
import { errorBody } from '../wire/reply-body.ts';
import { madeId } from '../wire/request-id.ts';
import { BodyGathering, LARGEST_BODY, LARGEST_DISCARD } from './body.ts';
import type { CommonHeads } from './common-head.ts';
import { respond, respondToPreflight } from './respond.ts';
import type { RoutedTool } from './routes.ts';
import { serverTiming } from './server-timing.ts';
import { SseAnswer } from './sse-answer.ts';
import { readStreamEnd, type StreamEnd } from './stream-end.ts';
import type { HttpResponse } from './uws.ts';

/** What an exchange needs of its front. */
export interface ExchangeHost {
  readonly idPrefix: string;
  readonly heads: CommonHeads;
  /** What X-Plugin-Version says of a version; undefined: nothing. */
  versionName(version: VersionId): string | undefined;
  /** Queues the call. */
  submit(exchange: Exchange, body: Uint8Array): SlotIndex | Refusal;
  /** The client of a queued or running call has gone. */
  abandon(slot: SlotIndex, exchange: Exchange): void;
  /** One exchange has ended, which each does once; `status` 0: the client left first. */
  ended(exchange: Exchange, status: number, code: ErrorCode | undefined): void;
  /** The last byte of a worker's answer has been handed to the socket. */
  sent(exchange: Exchange, times: CallTimes): void;
  /** The client has taken off so many pieces of a worker's answer. */
  taken(exchange: Exchange, pieces: number): void;
  /** The front itself failed. An exception that reaches the library would end the process. */
  fault(error: unknown): void;
  /** True while the server stops: connections end behind their answers. */
  readonly closing: boolean;
}

/** What a model can do something about: its arguments, the tool's failures. Not authentication, paths, sizes, overload. */
const FOR_THE_MODEL: ReadonlySet<number> = new Set([400, 500, 502, 504]);

type State = 'reading' | 'discarding' | 'waiting' | 'sending' | 'answered' | 'gone';

export class Exchange implements Waiter {
  readonly sequence: number;
  identity: CallIdentity = NO_IDENTITY;
  /** Undefined until the path is understood. */
  tool: RoutedTool | undefined;
  contract: Contract = CONTRACT.envelope;
  /** Arguments beside the body. */
  target: NativeTarget = NO_TARGET;
  /** Failures the model should read are answered with 200. */
  hidesStatus = false;
  /** The guard waits for the body. */
  decide: ((body: Uint8Array) => Decision) | undefined;
  /** Why the call is not let in; for the log. */
  denial: string | undefined;
  /** What became of it in a worker; undefined: none has answered. */
  outcome: number | undefined;
  /** The request is HEAD: its answer must not have a body. */
  headOnly = false;
  /** When its first byte came. */
  begunAt = 0 as Micros;
  /** Its answer says where the time went. */
  hasServerTiming = false;
  private readonly host: ExchangeHost;
  private readonly res: HttpResponse;
  private state: State = 'reading';
  private gathering: BodyGathering | undefined;
  private discarded = 0;
  /** Where the call is, once it has been taken. */
  slot: SlotIndex | undefined;
  private allow: string | undefined;
  private sse: SseAnswer | undefined;

  /** Registers for the client's leaving: must come before anything else that may fail. */
  constructor(host: ExchangeHost, res: HttpResponse, sequence: number) {
    res.onAborted(() => this.leave());
    this.host = host;
    this.res = res;
    this.sequence = sequence;
  }

  get requestId(): string {
    return this.identity.requestId ?? madeId(this.host.idPrefix, this.sequence);
  }

  /** Valid until the next answer is made. */
  private head(version: string | undefined): Uint8Array {
    const { requestId } = this.identity;
    const { heads } = this.host;
    return requestId === undefined ? heads.ofMade(version, this.sequence) : heads.of(version, requestId);
  }

  /** From now on the body is read, and queued when it is whole. */
  readBody(): void {
    this.res.onData((piece, isLast) => this.take(piece, isLast));
  }

  /** There is no body. The library does not say so where the head of such a request came in pieces. */
  endBody(): void {
    if (this.state === 'reading') this.submit(new Uint8Array(0));
  }

  /** `piece` is detached when this returns. Goes on being called after an early answer. */
  private take(piece: ArrayBuffer, isLast: boolean): void {
    try {
      if (this.state === 'reading') this.read(new Uint8Array(piece), isLast);
      else if (this.state === 'discarding') this.discard(piece.byteLength, isLast);
    } catch (error) {
      this.host.fault(error);
      this.answerError('PLUGIN_FAULT', true);
    }
  }

  private read(piece: Uint8Array, isLast: boolean): void {
    if (isLast && this.gathering === undefined && piece.byteLength <= LARGEST_BODY) {
      this.submit(piece);
      return;
    }
    this.gathering ??= new BodyGathering();
    const gathered = this.gathering.add(piece);
    if (gathered === 'kept') {
      if (!isLast) return;
      this.submit(this.gathering.whole());
      this.gathering.drop();
    } else if (gathered === 'no-room') {
      this.answerError('QUEUE_FULL');
    } else {
      this.refuseLarge(piece.byteLength, isLast);
    }
  }

  /**
   * The body is over the limit: `received` bytes of it are here. The rest is read and dropped before the
   * answer goes out, since a client that is still writing when its connection closes never sees the answer.
   */
  refuseLarge(received: number, isLast: boolean): void {
    this.state = 'discarding';
    this.discard(received, isLast);
  }

  private discard(bytes: number, isLast: boolean): void {
    this.discarded += bytes;
    if (isLast) this.answerError('BODY_TOO_LARGE');
    else if (this.discarded > LARGEST_DISCARD) this.answerError('BODY_TOO_LARGE', true);
  }

  private submit(body: Uint8Array): void {
    const decision = this.decide?.(body);
    if (decision?.kind === 'refused') {
      this.deny(decision.reason);
      return;
    }
    this.state = 'waiting';
    if (this.contract === CONTRACT.stream) {
      const { res, requestId } = this;
      this.sse = new SseAnswer({ res, requestId, onTaken: (pieces) => this.host.taken(this, pieces) });
    }
    const slot = this.host.submit(this, body);
    if (typeof slot === 'number') this.slot = slot;
    else this.answerError(slot.code, this.host.closing, slot.retryAfter);
  }

  /** The client has gone; `res` must not be touched any more. */
  private leave(): void {
    const { state } = this;
    this.state = 'gone';
    this.gathering?.drop();
    this.sse?.drop();
    if (state === 'waiting' && this.slot !== undefined) this.host.abandon(this.slot, this);
    if (state !== 'answered') this.host.ended(this, 0, undefined);
  }

  /** Dispatcher: a part of the answer. */
  piece(text: string): void {
    if (this.state === 'waiting') this.sse?.piece(text);
  }

  /** Dispatcher: the worker's answer. */
  reply(
    status: number,
    body: Uint8Array,
    version: VersionId,
    times: CallTimes | undefined,
    outcome: number,
  ): void {
    if (this.state !== 'waiting') return;
    this.outcome = outcome;
    if (this.sse !== undefined && (status === 200 || !this.sse.isUnused)) {
      this.endStream(this.sse, status, readStreamEnd(body), version, times);
      return;
    }
    this.sse?.drop();
    this.state = 'answered';
    const { headOnly } = this;
    const shown = this.shown(status);
    const { closing } = this.host;
    const head = this.head(this.host.versionName(version));
    const timing =
      times !== undefined && this.hasServerTiming ? serverTiming(times, this.begunAt) : undefined;
    let isSent = true;
    this.res.cork(() => {
      isSent = respond(this.res, {
        status: shown,
        head,
        body,
        timing,
        headOnly,
        close: closing,
      });
    });
    if (isSent) {
      if (times !== undefined) this.host.sent(this, times);
      this.host.ended(this, status, undefined);
    } else {
      this.sendRest(status, body, times);
    }
  }

  /** Dispatcher: there will be no answer of a worker. */
  fail(code: ErrorCode): void {
    this.answerError(code);
  }

  /** Answers with a row of the error table; nothing happens if the exchange is over. `retryAfter` in seconds. */
  answerError(
    code: ErrorCode,
    close = this.host.closing,
    retryAfter: number | undefined = errorSpec(code).retryAfter,
    detail?: string,
  ): void {
    if (this.state === 'sending' || this.state === 'answered' || this.state === 'gone') return;
    this.gathering?.drop();
    const { requestId, headOnly } = this;
    const { status } = errorSpec(code);
    if (this.sse?.isUnused === false) {
      this.state = 'sending';
      this.sse.fail(code, undefined, () => {
        this.state = 'answered';
        this.host.ended(this, status, code);
      });
      return;
    }
    this.sse?.drop();
    this.state = 'answered';
    const body = errorBody(code, requestId, detail);
    const shown = this.shown(status);
    const head = this.head(undefined);
    this.res.cork(() => {
      respond(this.res, { status: shown, head, body, retryAfter, headOnly, close, allow: this.allow });
    });
    this.host.ended(this, status, code);
  }

  private endStream(
    sse: SseAnswer,
    status: number,
    end: StreamEnd,
    version: VersionId,
    times: CallTimes | undefined,
  ): void {
    this.state = 'sending';
    const kept = times === undefined ? undefined : { ...times };
    const onSent = (): void => {
      this.state = 'answered';
      if (kept !== undefined) this.host.sent(this, kept);
      this.host.ended(this, status, undefined);
    };
    if (end.kind === 'success') sse.finish(this.host.versionName(version), end.data, onSent);
    else sse.fail(end.code, end.message, onSent);
  }

  /** The call is not let in. The caller learns nothing of the reason. */
  deny(reason: string): void {
    this.denial = reason;
    this.answerError('UNAUTHORIZED');
  }

  /** Only within the handler. `methods`: those that are answered here. */
  refuseMethod(methods: string): void {
    this.allow = methods;
    this.answerError('METHOD_NOT_ALLOWED');
  }

  /** Coze aborts the whole turn at any other status than 200, and the model never reads why. */
  private shown(status: number): number {
    return this.hidesStatus && FOR_THE_MODEL.has(status) ? 200 : status;
  }

  /** Only within the handler. */
  answerPreflight(): void {
    this.state = 'answered';
    respondToPreflight(this.res, this.host.closing);
    this.host.ended(this, 204, undefined);
  }

  /**
   * Where this request ends is in doubt, so nothing behind it may be taken for a request. An answer at once
   * would not keep the library from running what came in the same piece, even one that closes; but it ends a
   * connection by itself when another request follows an unanswered one.
   */
  refuseFraming(code: ErrorCode): void {
    setImmediate(() => this.answerError(code, true));
  }

  /** Here and not in the library waits what the client is slow to take, so that it is known when all is gone. */
  private sendRest(status: number, body: Uint8Array, times: CallTimes | undefined): void {
    this.state = 'sending';
    const kept = times === undefined ? undefined : { ...times };
    const sent = this.res.getWriteOffset();
    // `body` is shared memory, and lent.
    const rest = body.slice(sent);
    this.res.onWritable((offset) => {
      const [hasRoom, isSent] = this.res.tryEnd(rest.subarray(offset - sent), body.byteLength);
      if (isSent) {
        this.state = 'answered';
        if (kept !== undefined) this.host.sent(this, kept);
        this.host.ended(this, status, undefined);
      }
      return hasRoom;
    });
  }
}
