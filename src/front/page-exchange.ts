/**
 * One request for a page: read whole, handed to whoever serves the page, answered with what comes back.
 */
import { errorAnswer, type Page, type PageAnswer, type PageRequest } from '../wire/page.ts';
import { BodyGathering, LARGEST_BODY, LARGEST_DISCARD } from './body.ts';
import { queryOf } from './query-of.ts';
import type { HttpRequest, HttpResponse } from './uws.ts';

export interface PageHost {
  /** It is over, which each is once; status 0: the client left first. */
  pageEnded(requestId: string, path: string, status: number): void;
  fault(error: unknown): void;
  readonly closing: boolean;
}

const HEADER_NAME = /^[A-Za-z0-9-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

type State = 'open' | 'over';

export class PageExchange {
  private readonly res: HttpResponse;
  private readonly host: PageHost;
  private readonly requestId: string;
  private readonly headers = new Map<string, string>();
  private state: State = 'open';
  private gathering: BodyGathering | undefined;
  /** Bytes of a body that is too large. */
  private discarded = 0;
  private path = '';

  /** Only within the handler. Registers for the client's leaving: must come before anything else that may fail. */
  constructor(host: PageHost, res: HttpResponse, requestId: string) {
    res.onAborted(() => this.leave());
    this.host = host;
    this.res = res;
    this.requestId = requestId;
  }

  /** Only within the handler. */
  serve(req: HttpRequest, page: Page, hasBody: boolean): void {
    const { headers, requestId } = this;
    this.path = page.path;
    req.forEach((name, value) => {
      const other = headers.get(name);
      headers.set(name, other === undefined ? value : `${other}, ${value}`);
    });
    const method = req.getMethod() === 'post' ? 'POST' : 'GET';
    const head = { method, path: req.getUrl(), query: queryOf(req), headers, requestId } as const;
    if (!hasBody) {
      this.handle(page, { ...head, body: new Uint8Array(0) });
      return;
    }
    const gathering = new BodyGathering();
    this.gathering = gathering;
    this.res.onData((piece, isLast) => {
      try {
        const body = this.take(gathering, new Uint8Array(piece), isLast);
        if (body !== undefined) this.handle(page, { ...head, body });
      } catch (error) {
        this.fail(error);
      }
    });
  }

  /** The body, once it is whole. One that is too large is read and dropped, as those of calls are. */
  private take(gathering: BodyGathering, piece: Uint8Array, isLast: boolean): Uint8Array | undefined {
    if (this.state === 'over') return undefined;
    if (this.discarded === 0) {
      switch (gathering.add(piece)) {
        case 'kept':
          return isLast ? Uint8Array.from(gathering.whole()) : undefined;
        case 'no-room':
          this.refuse('QUEUE_FULL');
          return undefined;
        case 'too-large':
          this.discarded = LARGEST_BODY;
      }
    }
    this.discarded += piece.byteLength;
    if (isLast || this.discarded > LARGEST_DISCARD) this.refuse('BODY_TOO_LARGE');
    return undefined;
  }

  private handle(page: Page, request: PageRequest): void {
    this.gathering?.drop();
    // In an async function also what a handler throws at once is a rejection.
    const answer = async (): Promise<PageAnswer> => page.handle(request);
    answer()
      .then((made) => this.answer(made))
      .catch((error: unknown) => this.fail(error));
  }

  /** An exception that reaches the library would end the process. */
  private fail(error: unknown): void {
    this.host.fault(error);
    this.refuse('PLUGIN_FAULT');
  }

  private refuse(code: 'BODY_TOO_LARGE' | 'QUEUE_FULL' | 'PLUGIN_FAULT'): void {
    this.answer(errorAnswer(code, this.requestId), true);
  }

  private answer({ status, headers, body }: PageAnswer, close = this.host.closing): void {
    if (this.state === 'over') return;
    // A page that would break its own head is found out before anything of it is sent.
    for (const [name, value] of Object.entries(headers)) {
      if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value))
        throw new Error(`the header ${name} of a page is malformed`);
    }
    this.state = 'over';
    this.gathering?.drop();
    this.res.cork(() => {
      this.res.writeStatus(`${status} ${STATUS_TEXTS.get(status) ?? 'Unknown'}`);
      for (const [name, value] of Object.entries(headers)) this.res.writeHeader(name, value);
      this.res.writeHeader('X-Request-Id', this.requestId);
      this.res.end(body, close);
    });
    this.host.pageEnded(this.requestId, this.path, status);
  }

  private leave(): void {
    this.gathering?.drop();
    if (this.state === 'over') return;
    this.state = 'over';
    this.host.pageEnded(this.requestId, this.path, 0);
  }
}

const STATUS_TEXTS = new Map([
  [200, 'OK'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [413, 'Content Too Large'],
  [415, 'Unsupported Media Type'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
]);
