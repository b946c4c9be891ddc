/**
 * One answer in pieces on its way to the front: texts go out as they are yielded, as long as the front has room for them.
 *
 *   generator ─► piece ─► lane port ─► front ─► client
 *                  ▲                     │
 *                  └──────  more  ◄──────┘
 */

import { LONGEST_REPLY } from './encode-reply.ts';

/** Pieces under way that the front has not taken off yet. */
const WINDOW = 8;
/** UTF-16 units of one piece; longer texts are cut. */
const LONGEST_PIECE = 32_768;

export type PostPiece = (text: string) => void;

export class PieceStream {
  private readonly post: PostPiece;
  private room = WINDOW;
  private waiting: (() => void) | undefined;

  constructor(post: PostPiece) {
    this.post = post;
  }

  /**
   * Sends what the generator yields. Resolves with what it returns; rejects with what it throws, and with the signal's reason
   * where that is aborted when it yields next: then the generator is asked to return.
   */
  async send(generator: AsyncGenerator<unknown, unknown, void>, signal: AbortSignal): Promise<unknown> {
    try {
      for (;;) {
        const { done, value } = await generator.next();
        signal.throwIfAborted();
        if (done === true) return value;
        for (const piece of cut(textOf(value))) {
          await this.takeRoom(signal);
          this.post(piece);
        }
      }
    } catch (error) {
      // Not awaited: it would wait for a generator that hangs.
      void generator.return(undefined).catch(() => undefined);
      throw error;
    }
  }

  /** The front has taken so many pieces off. */
  more(pieces: number): void {
    this.room += pieces;
    this.waiting?.();
  }

  private async takeRoom(signal: AbortSignal): Promise<void> {
    while (this.room <= 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.waiting = resolve;
      signal.addEventListener('abort', this.waiting, { once: true });
      await promise;
      signal.removeEventListener('abort', this.waiting);
      this.waiting = undefined;
      signal.throwIfAborted();
    }
    this.room--;
  }
}

/** The texts of a generator in one, with the members of the object it returns. An Error it returns is the answer. */
export async function joined(
  generator: AsyncGenerator<unknown, unknown, void>,
  signal: AbortSignal,
): Promise<unknown> {
  const texts: string[] = [];
  let length = 0;
  const collector = new PieceStream((text) => {
    length += text.length;
    if (length > LONGEST_REPLY)
      throw new RangeError(`the texts are longer than ${LONGEST_REPLY} characters together`);
    texts.push(text);
    collector.more(1);
  });
  const returned = await collector.send(generator, signal);
  if (returned instanceof Error) return returned;
  return { content: texts.join(''), ...restOf(returned) };
}

/** What a generator may return beside its texts. */
export function restOf(returned: unknown): object {
  if (returned === undefined || returned === null) return {};
  if (typeof returned === 'object') return returned;
  throw new TypeError(`the generator must return an object or nothing, not ${typeof returned}`);
}

function textOf(piece: unknown): string {
  if (typeof piece === 'string') return piece;
  throw new TypeError(`the generator must yield texts, not ${piece === null ? 'null' : typeof piece}`);
}

/** Empty texts say nothing. A character of two units stays whole. */
function* cut(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    let to = Math.min(text.length, from + LONGEST_PIECE);
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to--;
    yield text.slice(from, to);
    from = to;
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
