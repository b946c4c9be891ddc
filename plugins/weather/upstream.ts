/**
 * The weather service behind the plugin: where it is, how it is asked, and what its answer must look like.
 * Every way it can fail is a value, so that the tool decides what the model reads and what the log gets.
 */
import type { CallContext } from 'hotlane/plugin';

/** How long the service may take, connection and body together. Well inside a chat turn. */
const TIME_LIMIT_MS = 3_000;
/** The service's word for a place it does not know. */
const UNKNOWN_CITY = 'unknown_city';

export const CONDITIONS = ['clear', 'cloudy', 'overcast', 'rain', 'snow', 'fog'] as const;

/** What the service measures: degrees Celsius, percent, metres per second. */
export interface Observation {
  readonly city: string;
  readonly condition: (typeof CONDITIONS)[number];
  readonly temperature_c: number;
  readonly humidity_percent: number;
  readonly wind_m_s: number;
}

export type UpstreamAnswer =
  | { readonly kind: 'observed'; readonly observation: Observation }
  | { readonly kind: 'unknown city' }
  /** `reason` completes the sentence "the weather service failed: …"; `detail` is for the log only. */
  | { readonly kind: 'failed'; readonly reason: string; readonly detail?: string };

/** The base URL from the configuration, else the environment, else the local upstream. Throws when it is none. */
export function upstreamUrl(configured: unknown, environment: string | undefined): URL {
  const text = configured ?? environment ?? 'http://127.0.0.1:9081';
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError(`the weather upstream must be an http(s) URL, not ${JSON.stringify(text)}`);
  }
  return url;
}

/** Asks for one city. Rejects only when the call's signal is aborted: then nobody waits for the answer. */
export async function observe(
  base: URL,
  city: string,
  { fetch, signal }: Pick<CallContext, 'fetch' | 'signal'>,
): Promise<UpstreamAnswer> {
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/v1/current`, base);
  url.searchParams.set('city', city);
  const timeLimit = AbortSignal.timeout(TIME_LIMIT_MS);
  try {
    const response = await fetch(url, {
      // Covers the body too: a service that stops in the middle of its answer is given up as well.
      signal: timeLimit,
      headers: { accept: 'application/json' },
      // The base URL is the operator's choice; an answer must not lead elsewhere.
      redirect: 'error',
    });
    return await readAnswer(response);
  } catch (error) {
    signal.throwIfAborted();
    if (timeLimit.aborted) return failed(`it did not answer within ${TIME_LIMIT_MS / 1000} seconds`);
    if (error instanceof SyntaxError) return failed('its answer is not JSON');
    // It keeps failing, or the server may not call it.
    if (error instanceof Error && error.name === 'OutboundError')
      return failed('it is not asked for now', error.message);
    // fetch reports every network error as "fetch failed" and tells which in the cause.
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return failed('it cannot be reached', String(cause));
  }
}

async function readAnswer(response: Response): Promise<UpstreamAnswer> {
  if (response.status !== 200 && response.status !== 404) {
    // An unread body would keep its connection busy.
    await response.body?.cancel();
    return failed(`it answered with status ${response.status}`);
  }
  const body: unknown = await response.json();
  if (response.status === 404) {
    const unknown = isObject(body) && body['error'] === UNKNOWN_CITY;
    return unknown ? { kind: 'unknown city' } : failed('it answered with status 404');
  }
  return isObservation(body)
    ? { kind: 'observed', observation: body }
    : failed('its answer has an unexpected form');
}

function failed(reason: string, detail?: string): UpstreamAnswer {
  return detail === undefined ? { kind: 'failed', reason } : { kind: 'failed', reason, detail };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isObservation(value: unknown): value is Observation {
  return (
    isObject(value) &&
    typeof value['city'] === 'string' &&
    CONDITIONS.some((condition) => condition === value['condition']) &&
    [value['temperature_c'], value['humidity_percent'], value['wind_m_s']].every(Number.isFinite)
  );
}
