/**
 * Reads a request's headers in one pass and judges them: framing, media type, identity.
 *
 * Who a call is for stands in Coze's own headers, in the specification's, or in both: then they must agree.
 *
 *   user          X-Aiplugin-Connector-Identifier   X-Coze-User-Id
 *   bot           X-AIPlugin-Bot-ID                 X-Coze-Bot-Id
 *   conversation  X-AIPlugin-Conversation-ID        X-Coze-Conversation-Id
 *   request       X-Request-Id, else X-Tt-Logid
 *
 * One pass over all of them costs about as much as asking for three by name, and only it shows a header that
 * comes twice. The library accepts two different Content-Lengths, empty ones, and any Transfer-Encoding that
 * contains "chunked": a proxy in front may read those differently, which is how requests are smuggled.
 */
import type { ErrorCode } from '../core/errors.ts';
import { type CallIdentity, LONGEST_FIELD, NO_IDENTITY } from '../wire/context-frame.ts';
import { isUsableId } from '../wire/request-id.ts';
import type { HttpRequest } from './uws.ts';

/** https://www.w3.org/TR/trace-context/#traceparent-header; later versions may add fields. */
const TRACE_PARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;
const BEARER = /^bearer\b/i;
const EVENT_STREAM = /\btext\/event-stream\b/i;
const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;

export class RequestHead {
  /** Undefined: chunked, or none given. */
  contentLength: number | undefined;
  identity: CallIdentity = NO_IDENTITY;
  /** What is wrong with the framing. */
  framing: ErrorCode | undefined;
  isJson = false;
  /** The caller asks for a Server-Timing header. */
  wantsTiming = false;
  /** The caller takes an answer in pieces. */
  wantsStream = false;
  /** Two headers name different users, bots or conversations. */
  hasConflict = false;
  /** `Authorization: Bearer …` */
  hasBearer = false;
  /** A body may follow. */
  hasBody = false;

  private requestId: string | undefined;
  private userId: string | undefined;
  private botId: string | undefined;
  private conversationId: string | undefined;
  private traceparent: string | undefined;
  private traceId: string | undefined;
  private hasIdentity = false;
  private transferEncodings = 0;

  /** Reads `req`; the fields above are valid until the next call. */
  read(req: HttpRequest): void {
    this.contentLength = undefined;
    this.framing = undefined;
    this.isJson = false;
    this.wantsTiming = false;
    this.wantsStream = false;
    this.hasConflict = false;
    this.hasBearer = false;
    this.transferEncodings = 0;
    if (this.hasIdentity) {
      this.hasIdentity = false;
      this.requestId = undefined;
      this.userId = undefined;
      this.botId = undefined;
      this.conversationId = undefined;
      this.traceparent = undefined;
      this.traceId = undefined;
    }
    req.forEach(this.take);
    this.hasBody = this.transferEncodings > 0 || (this.contentLength ?? 0) > 0;
    this.identity = this.hasIdentity
      ? {
          requestId: this.requestId ?? this.usableTraceId(),
          userId: this.userId,
          botId: this.botId,
          conversationId: this.conversationId,
          traceparent: this.traceparent,
          traceId: this.traceId,
        }
      : NO_IDENTITY;
  }

  /** Keys arrive in lower case. */
  private readonly take = (key: string, value: string): void => {
    switch (key) {
      case 'content-length':
        if (this.contentLength !== undefined || !isDigits(value)) this.framing = 'BAD_FRAMING';
        else this.contentLength = Number(value);
        return;
      case 'content-type':
        this.isJson = value === 'application/json' || JSON_TYPE.test(value);
        return;
      case 'transfer-encoding':
        this.transferEncodings++;
        if (value !== 'chunked' || this.transferEncodings > 1) this.framing = 'BAD_FRAMING';
        return;
      case 'x-request-id':
        if (isUsableId(value)) this.requestId = this.given(value);
        return;
      case 'x-coze-user-id':
      case 'x-aiplugin-connector-identifier':
        this.userId = this.agreed(this.userId, value);
        return;
      case 'x-coze-bot-id':
      case 'x-aiplugin-bot-id':
        this.botId = this.agreed(this.botId, value);
        return;
      case 'x-coze-conversation-id':
      case 'x-aiplugin-conversation-id':
        this.conversationId = this.agreed(this.conversationId, value);
        return;
      case 'x-tt-logid':
        this.traceId = this.given(value);
        return;
      case 'authorization':
        if (BEARER.test(value)) this.hasBearer = true;
        return;
      case 'accept':
        this.wantsStream = EVENT_STREAM.test(value);
        return;
      case 'traceparent':
        if (TRACE_PARENT.test(value)) this.traceparent = this.given(value);
        return;
      case 'x-server-timing':
        this.wantsTiming = value === '1';
        return;
      default:
    }
  };

  /** The value of one of two headers that mean the same. */
  private agreed(other: string | undefined, value: string): string | undefined {
    // Some senders have no better word for nobody.
    const given = value === '0' ? undefined : this.given(value);
    if (other !== undefined && given !== undefined && given !== other) this.hasConflict = true;
    return given ?? other;
  }

  private usableTraceId(): string | undefined {
    return this.traceId !== undefined && isUsableId(this.traceId) ? this.traceId : undefined;
  }

  /** Empty, too long or not plain text: missing. The library itself cuts bytes outside ASCII off a value's end. */
  private given(value: string): string | undefined {
    if (value.length === 0 || value.length > LONGEST_FIELD || !isPrintable(value)) return undefined;
    this.hasIdentity = true;
    return value;
  }
}

/** Printable ASCII; the frame that carries it to the worker has one byte per character. */
function isPrintable(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** 1 to 15 digits. A loop, because a regular expression costs more than all the rest of the header. */
function isDigits(value: string): boolean {
  if (value.length === 0 || value.length > 15) return false;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
