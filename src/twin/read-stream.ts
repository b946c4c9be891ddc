/** Reads the answer of a streaming tool packet by packet. */
import { CallFailure } from './call-failure.ts';
import { EventStreamParser } from './event-stream.ts';
import { LARGEST_PACKET_BYTES, PacketRules } from './packet-rules.ts';

export interface StreamedAnswer {
  /** The texts of all packets, joined. */
  readonly content: string;
  readonly packets: number;
}

export interface ReadStreamOptions {
  /** Longest time to the next packet. */
  readonly gapMs: number;
  /** Told the text of each packet as it comes. */
  readonly onText?: ((text: string) => void) | undefined;
}

/** Throws a CallFailure where the stream breaks a rule. */
export async function readStream(
  body: ReadableStream<Uint8Array>,
  { gapMs, onText }: ReadStreamOptions,
  notes: Set<string>,
): Promise<StreamedAnswer> {
  const reader = body.getReader();
  const parser = new EventStreamParser();
  const rules = new PacketRules(notes);
  const texts: string[] = [];
  let deadline = performance.now() + gapMs;
  try {
    for (;;) {
      const { value, done } = await before(deadline, reader.read(), gapMs);
      if (done) break;
      for (const event of parser.push(value)) {
        const text = rules.take(event);
        texts.push(text);
        onText?.(text);
        deadline = performance.now() + gapMs;
      }
      if (parser.pending > LARGEST_PACKET_BYTES) {
        throw new CallFailure(
          'BAD_STREAM',
          `packet ${rules.packets + 1} has more than ${LARGEST_PACKET_BYTES} bytes`,
        );
      }
    }
    rules.end(parser.pending);
  } catch (error) {
    throw error instanceof TypeError
      ? new CallFailure('BAD_STREAM', `the stream broke off: ${error.message}`)
      : error;
  } finally {
    // A reader that is given up has an error of its own, which says no more.
    await reader.cancel().catch(() => {});
  }
  return { content: texts.join(''), packets: rules.packets };
}

async function before<Value>(deadline: number, coming: Promise<Value>, gapMs: number): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new CallFailure('BAD_STREAM', `no packet for ${gapMs / 1000} s`));
  }, deadline - performance.now());
  try {
    return await Promise.race([coming, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
