/**
 * One packet of an answer in pieces, as Coze reads it: a server-sent event whose data is JSON.
 *
 * Coze takes at most 250 KB a packet, waits at most 60 s for the next, and an empty `content` breaks its agent. An answer is
 * one message here, so each packet belongs to the last message. What each member means stands in Coze's "streaming plugins",
 * https://docs.coze.cn
 */

/** Where a packet stands in its answer. */
export interface PacketPlace {
  /** Of this answer, the same in all its packets. */
  readonly streamId: string;
  /** Counted from 0. */
  readonly index: number;
  readonly isLast: boolean;
}

/** Coze's event for text. */
export const MESSAGE_EVENT = 'Message';
/** Ours, for an answer that ends in a failure: `content` is the sentence, `ext.code` a row of the error table. */
export const ERROR_EVENT = 'Error';

/** A text nobody sees, for packets that must be sent and have nothing to say: a zero-width space. */
export const FILLER = '\u200B';

/** Most UTF-16 units of content in one packet: each is at most six bytes of JSON, beside some 300 of everything else. */
export const LONGEST_CONTENT = 40_000;

/** The bytes of an event, as text. `content` must not be empty. */
export function streamPacket(
  { streamId, index, isLast }: PacketPlace,
  event: string,
  content: string,
  ext: Readonly<Record<string, unknown>> = {},
): string {
  const data = JSON.stringify({
    stream_id: streamId,
    is_finish: isLast,
    is_last_msg: true,
    is_last_packet_in_msg: isLast,
    output_mode: 1,
    return_type: 1,
    content_type: 0,
    context_mode: 0,
    content,
    ext: textsOf(ext),
  });
  return `id: ${index}\nevent: ${event}\ndata: ${data}\n\n`;
}

/** Coze reads texts only; anything else goes as its JSON. */
function textsOf(ext: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(ext).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
