/** Saves an answer that is too large to hold. */
import { open as openFile, rename, rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { open, type Question, type Reply, reasonOf } from './admin-client.ts';

export type Download =
  | { readonly outcome: 'saved' }
  /** The disk's fault. */
  | { readonly outcome: 'unwritable'; readonly reason: string }
  /** Among them a refusal: the answer of any other status than 200. */
  | Reply;

/** The file appears when it is complete. Only its owner may read it. */
export async function download(server: URL, question: Question, file: string): Promise<Download> {
  const part = `${file}.part`;
  let target;
  try {
    // Before the server is asked: its work would be for nothing.
    target = await openFile(part, 'w', 0o600);
  } catch (error) {
    return { outcome: 'unwritable', reason: reasonOf(error) };
  }
  try {
    const opened = await open(server, question);
    if (opened.outcome !== 'opened') return opened;
    const { response } = opened;
    const { statusCode = 0 } = response;
    if (statusCode !== 200) return { outcome: 'answered', status: statusCode, text: await text(response) };
    await pipeline(response, target.createWriteStream());
    await rename(part, file);
    return { outcome: 'saved' };
  } catch (error) {
    const isOfFiles = error instanceof Error && 'syscall' in error && error.syscall !== 'read';
    return { outcome: isOfFiles ? 'unwritable' : 'broken-off', reason: reasonOf(error) };
  } finally {
    await target.close().catch(() => undefined);
    await rm(part, { force: true });
  }
}
