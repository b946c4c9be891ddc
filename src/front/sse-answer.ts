/**
 * An answer in pieces: server-sent events, as fast as the client reads.
 *
 *   piece ─► held ─► packet ─► socket ─► taken off: the worker may send more
 *              └ the one behind it, the end, or a moment later
 *
 * One piece is held back for a moment, so that the last packet can say that it is the last and still has something to say.
 */
import { type ErrorCode, errorSpec } from '../core/errors.ts';
import { ERROR_EVENT, FILLER, LONGEST_CONTENT, MESSAGE_EVENT, streamPacket } from '../wire/stream-packet.ts';
import type { HttpResponse } from './uws.ts';

/** Longest time a piece is held back, in ms. */
const HOLD = 50;
/** Coze waits 60 s for the next packet. */
const HEARTBEAT = 20_000;

export interface SseOptions {
  readonly res: HttpResponse;
  readonly requestId: string;
  /** The client has taken so many pieces off. */
  readonly onTaken: (pieces: number) => void;
}

export class SseAnswer {
  private readonly options: SseOptions;
  private index = 0;
  private hasBegun = false;
  private held: string | undefined;
  private holdTimer: NodeJS.Timeout | undefined;
  private readonly heartbeat: NodeJS.Timeout;
  /** The client reads more slowly than the plugin writes. */
  private isBlocked = false;
  /** What is left to do once the client has read everything. */
  private onDrained: (() => void) | undefined;
  /** Pieces written since it has been blocked. */
  private untaken = 0;

  constructor(options: SseOptions) {
    this.options = options;
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT);
  }

  /** Nothing has been sent yet, so the answer may still be another one. */
  get isUnused(): boolean {
    return !this.hasBegun && this.held === undefined;
  }

  piece(text: string): void {
    this.flush();
    this.held = text;
    this.holdTimer = setTimeout(() => this.flush(), HOLD);
  }

  /** The end of a good answer. `ext`: what the tool has returned beside its texts. */
  finish(version: string | undefined, ext: Readonly<Record<string, unknown>>, onSent: () => void): void {
    const last = this.held ?? FILLER;
    this.held = undefined;
    this.end(this.packet(MESSAGE_EVENT, last, true, ext), version, onSent);
  }

  /** The end of an answer that fails on its way. */
  fail(code: ErrorCode | undefined, message: string | undefined, onSent: () => void): void {
    this.flush();
    const sentence = message ?? (code === undefined ? FILLER : errorSpec(code).sentence);
    this.end(this.packet(ERROR_EVENT, sentence, true, code === undefined ? {} : { code }), undefined, onSent);
  }

  /** The client has gone; nothing is sent any more. */
  drop(): void {
    clearTimeout(this.holdTimer);
    clearInterval(this.heartbeat);
  }

  private flush(): void {
    clearTimeout(this.holdTimer);
    const { held } = this;
    if (held === undefined) return;
    this.held = undefined;
    this.write(this.packet(MESSAGE_EVENT, held, false), 1);
  }

  private packet(
    event: string,
    content: string,
    isLast: boolean,
    ext?: Readonly<Record<string, unknown>>,
  ): string {
    const place = { streamId: this.options.requestId, index: this.index++, isLast };
    return streamPacket(place, event, content.slice(0, LONGEST_CONTENT).toWellFormed(), ext);
  }

  private write(bytes: string, pieces: number): void {
    const { res, onTaken } = this.options;
    res.cork(() => {
      this.begin(undefined);
      if (!res.write(bytes)) this.isBlocked = true;
    });
    if (this.isBlocked) this.untaken += pieces;
    else if (pieces > 0) onTaken(pieces);
  }

  /**
   * The connection is only let go once the client has read everything: a shutdown must know of it. It stays open then: asked to
   * close it, the library writes the header that says so into the middle of the chunks.
   */
  private end(bytes: string, version: string | undefined, onSent: () => void): void {
    const { res } = this.options;
    this.drop();
    const finish = (): void => {
      res.end();
      onSent();
    };
    res.cork(() => {
      this.begin(version);
      if (res.write(bytes)) finish();
      else this.onDrained = finish;
    });
  }

  /** Only within a cork. */
  private begin(version: string | undefined): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    const { res, requestId, onTaken } = this.options;
    res.writeHeader('Content-Type', 'text/event-stream; charset=utf-8');
    res.writeHeader('Cache-Control', 'no-cache');
    res.writeHeader('Access-Control-Allow-Origin', '*');
    res.writeHeader('X-Request-Id', requestId);
    if (version !== undefined) res.writeHeader('X-Plugin-Version', version);
    res.onWritable(() => {
      this.isBlocked = false;
      if (this.onDrained !== undefined) {
        const finish = this.onDrained;
        res.cork(finish);
        return true;
      }
      const pieces = this.untaken;
      this.untaken = 0;
      if (pieces > 0) onTaken(pieces);
      return true;
    });
  }

  private beat(): void {
    if (!this.isBlocked) this.write(this.packet(MESSAGE_EVENT, FILLER, false), 0);
  }
}
