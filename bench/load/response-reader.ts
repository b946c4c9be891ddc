/**
 * Reads the answers on one keep-alive connection that has at most one request in flight: just enough of
 * HTTP/1.1 for a server that announces its bodies with Content-Length.
 */

export type ReadOutcome =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'answer'; readonly status: number; readonly head: string; readonly body: Buffer }
  /** Not what the reader understands; the connection is of no more use. */
  | { readonly kind: 'malformed'; readonly reason: string };

const incomplete: ReadOutcome = { kind: 'incomplete' };
const statusLine = /^HTTP\/1\.1 (\d{3})/;
const contentLength = /\r\ncontent-length:[ \t]*(\d+)/i;

export class ResponseReader {
  private pending: Buffer | undefined;

  /** Takes the next bytes from the socket. The body of an answer is a view; use it before the next call. */
  push(chunk: Buffer): ReadOutcome {
    const bytes = this.pending === undefined ? chunk : Buffer.concat([this.pending, chunk]);
    const headEnd = bytes.indexOf('\r\n\r\n');
    if (headEnd < 0) return this.wait(bytes);

    const head = bytes.toString('latin1', 0, headEnd);
    const status = statusLine.exec(head)?.[1];
    if (status === undefined) return malformed('no HTTP/1.1 status line');
    const length = contentLength.exec(head)?.[1];
    if (length === undefined) return malformed('no content-length');

    const end = headEnd + 4 + Number(length);
    if (bytes.length < end) return this.wait(bytes);
    if (bytes.length > end) return malformed('more bytes than the answer announced');
    this.pending = undefined;
    return { kind: 'answer', status: Number(status), head, body: bytes.subarray(headEnd + 4, end) };
  }

  private wait(bytes: Buffer): ReadOutcome {
    this.pending = bytes;
    return incomplete;
  }
}

function malformed(reason: string): ReadOutcome {
  return { kind: 'malformed', reason };
}
