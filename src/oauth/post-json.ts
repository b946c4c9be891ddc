/**
 * One POST of JSON that is answered by JSON: with a time limit for the whole of it, a size limit, and no redirects, since they
 * would carry the secret elsewhere.
 */
import type { Secret } from './secret.ts';
import { Unavailable, type UnavailableCode } from './unavailable.ts';

export interface JsonPost {
  readonly url: string;
  /** `Authorization: Bearer`; undefined: without. */
  readonly bearer: Secret | undefined;
  readonly body: Readonly<Record<string, string>>;
  readonly limitMs: number;
}

export interface JsonReply {
  /** 200 to 299 or 400 to 499, but not 429. */
  readonly status: number;
  readonly value: unknown;
}

const LARGEST = 64 * 1024;
const LONGEST_REST_MS = 60_000;

/** Rejects with `Unavailable` (PROVIDER_…) when there is no answer, or none that the endpoint itself has given. */
export async function postJson({ url, bearer, body, limitMs }: JsonPost): Promise<JsonReply> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer.reveal()}` }),
      },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(limitMs),
    });
    const refused = failureOf(response);
    if (refused === undefined) return { status: response.status, value: await jsonOf(response) };
    await response.body?.cancel();
    throw refused;
  } catch (error) {
    throw failureOfFetch(error, limitMs);
  }
}

function failureOf({ status, headers }: Response): Unavailable | undefined {
  if (status === 429) return new Unavailable('PROVIDER_BUSY', 'status 429', restOf(headers));
  if (status >= 500) return new Unavailable('PROVIDER_FAILED', `status ${status}`, restOf(headers));
  if (status >= 300 && status < 400) return new Unavailable('PROVIDER_UNREADABLE', `status ${status}`);
  const type = (headers.get('content-type') ?? 'no type').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') return undefined;
  const shown = /^[a-z]{1,16}\/[a-z.+-]{1,40}$/.test(type) ? type : 'not JSON';
  return new Unavailable('PROVIDER_UNREADABLE', `status ${status}, ${shown}`);
}

/** Of Retry-After the seconds only; a date is not worth a clock that must agree. */
function restOf(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds * 1000, 0), LONGEST_REST_MS) : 0;
}

async function jsonOf(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop ends the transfer.
    if (size > LARGEST) throw new Unavailable('PROVIDER_UNREADABLE', `more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    // The parser's message would quote the answer.
    throw new Unavailable('PROVIDER_UNREADABLE', 'not JSON, though it says so');
  }
}

/** Of the error of `fetch` only a code is kept: its message may quote headers. */
function failureOfFetch(error: unknown, limitMs: number): Unavailable {
  if (error instanceof Unavailable) return error;
  if (error instanceof Error && error.name === 'TimeoutError')
    return new Unavailable('PROVIDER_SLOW', `${limitMs} ms`);
  const cause = error instanceof Error ? error.cause : undefined;
  const code: UnavailableCode = 'PROVIDER_DOWN';
  if (!(cause instanceof Error)) return new Unavailable(code);
  return new Unavailable(code, 'code' in cause ? String(cause.code) : cause.name);
}
