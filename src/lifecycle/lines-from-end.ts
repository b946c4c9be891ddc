/**
 * Reads a file of lines from its end, so that the last few lines of a large file cost little.
 */
import type { FileHandle } from 'node:fs/promises';

const CHUNK = 64 * 1024;
const LINE_FEED = 0x0a;

/** Whole lines, the last one first, without line feed. What follows the last line feed is no whole line. */
export async function* linesFromEnd(file: FileHandle): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array();
  let isWhole = false;
  for await (const chunk of chunksFromEnd(file)) {
    const bytes = Buffer.concat([chunk, rest]);
    let end = bytes.length;
    for (
      let at = bytes.lastIndexOf(LINE_FEED);
      at !== -1;
      at = bytes.subarray(0, end).lastIndexOf(LINE_FEED)
    ) {
      if (isWhole) yield bytes.toString('utf8', at + 1, end);
      isWhole = true;
      end = at;
    }
    rest = bytes.subarray(0, end);
  }
  if (isWhole) yield new TextDecoder().decode(rest);
}

/** Bytes up to and with the last line feed: where the next line belongs. */
export async function wholeLength(file: FileHandle): Promise<number> {
  let { size } = await file.stat();
  for await (const chunk of chunksFromEnd(file)) {
    size -= chunk.length;
    const at = chunk.lastIndexOf(LINE_FEED);
    if (at !== -1) return size + at + 1;
  }
  return 0;
}

async function* chunksFromEnd(file: FileHandle): AsyncGenerator<Buffer> {
  let { size: end } = await file.stat();
  while (end > 0) {
    const start = Math.max(0, end - CHUNK);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    // The file has become shorter meanwhile.
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    end = start;
  }
}
