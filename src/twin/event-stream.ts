/** Splits a body of text/event-stream into its events, as https://html.spec.whatwg.org/multipage/server-sent-events.html says. */

export interface StreamEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
  /** All its lines, in bytes of UTF-8. */
  readonly bytes: number;
}

export class EventStreamParser {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private rest = '';

  /** Events that are complete with these bytes. Throws a TypeError on bytes that are no UTF-8. */
  push(bytes: Uint8Array): StreamEvent[] {
    this.rest += this.decoder.decode(bytes, { stream: true });
    // A return at the end may be half of a line's end.
    const whole = /^([\s\S]*(?:\n\n|\r\r|\r\n\r\n))([\s\S]*)$/.exec(this.rest);
    if (whole === null) return [];
    const [, complete = '', rest = ''] = whole;
    this.rest = rest;
    return complete
      .split(/\r\n\r\n|\n\n|\r\r/)
      .filter((block) => block.split(/\r\n|\n|\r/).some((line) => line !== '' && !line.startsWith(':')))
      .map(eventOf);
  }

  /** Bytes of the event that is not complete yet. */
  get pending(): number {
    return Buffer.byteLength(this.rest);
  }
}

function eventOf(block: string): StreamEvent {
  const fields = new Map<string, string>();
  for (const line of block.split(/\r\n|\n|\r/)) {
    if (line === '' || line.startsWith(':')) continue;
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    const before = fields.get(name);
    fields.set(name, name === 'data' && before !== undefined ? `${before}\n${value}` : value);
  }
  return {
    id: fields.get('id'),
    event: fields.get('event'),
    data: fields.get('data'),
    bytes: Buffer.byteLength(block),
  };
}
