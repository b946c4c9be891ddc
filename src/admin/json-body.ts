/** Reads the small JSON bodies of actions. */
import type { Readable } from 'node:stream';

/** Bytes; the largest body that means anything is a hash of 64 digits. */
const LARGEST = 4096;

export type JsonBody =
  /** `value` is undefined when the body is empty. */
  | { readonly outcome: 'read'; readonly value: unknown }
  | { readonly outcome: 'refused'; readonly status: 400 | 413; readonly reason: string };

/** Rejects with the stream's own error when the body breaks off. */
export async function readJsonBody(body: Readable): Promise<JsonBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  // What is too much is read and dropped: a client that is still sending would not see an answer given early.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST) chunks.push(chunk);
  }
  if (size > LARGEST) {
    return { outcome: 'refused', status: 413, reason: `the body is larger than ${LARGEST} bytes` };
  }
  if (size === 0) return { outcome: 'read', value: undefined };
  try {
    return { outcome: 'read', value: JSON.parse(Buffer.concat(chunks).toString()) };
  } catch {
    return { outcome: 'refused', status: 400, reason: 'the body is not valid JSON' };
  }
}
