/**
 * Sends events as Coze does to a callback address: signed, once or again, and an answer after three seconds is none.
 * https://docs.coze.cn, callbacks.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { JsonObject } from './json.ts';

const PATIENCE_MS = 3000;

export interface EventToSend {
  /** The callback address: `http://127.0.0.1:8080/coze/callback`. */
  readonly to: string;
  /** The callback token, with which it is signed. */
  readonly token: string;
  readonly type: string;
  /** What the event tells; default: nothing. */
  readonly event?: JsonObject | undefined;
  /** Default: a new one. The same again is the same event delivered again. */
  readonly eventId?: string | undefined;
  /** Default: now, in milliseconds. */
  readonly timestamp?: number | undefined;
  /** Default: a new one. */
  readonly nonce?: string | undefined;
  /** Changes the body after it was signed, or the signature itself. */
  readonly corrupt?: 'body' | 'signature' | undefined;
  readonly patienceMs?: number | undefined;
}

export type Delivery =
  /** 200 in time: Coze does not send it again. */
  | {
      readonly outcome: 'taken';
      readonly eventId: string;
      readonly status: number;
      readonly ms: number;
      readonly body: string;
    }
  | {
      readonly outcome: 'refused';
      readonly eventId: string;
      readonly status: number;
      readonly ms: number;
      readonly body: string;
    }
  | { readonly outcome: 'late'; readonly eventId: string; readonly ms: number }
  | { readonly outcome: 'unreachable'; readonly eventId: string; readonly reason: string };

/** Lower-case hex of SHA-1 over timestamp, nonce, token and body, as they stand in the request. */
export function signEvent(timestamp: string, nonce: string, token: string, body: string): string {
  return createHash('sha1').update(timestamp).update(nonce).update(token).update(body).digest('hex');
}

/** Always resolves. */
export async function sendEvent(options: EventToSend): Promise<Delivery> {
  const { to, token, type, event = {}, corrupt, patienceMs = PATIENCE_MS } = options;
  const { eventId = randomUUID(), timestamp = Date.now(), nonce = randomBytes(16).toString('hex') } = options;
  const header = {
    event_type: type,
    event_id: eventId,
    api_app_id: '7500000000000000001',
    created_at: timestamp,
  };
  const body = JSON.stringify({ header: { ...header, coze_account_id: '' }, event });
  const signature = signEvent(String(timestamp), nonce, token, body);
  const started = performance.now();
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const response = await fetch(to, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Coze-Timestamp': String(timestamp),
        'X-Coze-Nonce': nonce,
        'X-Coze-Signature': corrupt === 'signature' ? signEvent('', nonce, token, body) : signature,
      },
      body: corrupt === 'body' ? `${body} ` : body,
      signal,
    });
    const text = await response.text();
    const outcome = response.status === 200 ? 'taken' : 'refused';
    return { outcome, eventId, status: response.status, ms: msSince(started), body: text };
  } catch (error) {
    if (signal.aborted) return { outcome: 'late', eventId, ms: msSince(started) };
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      outcome: 'unreachable',
      eventId,
      reason: cause instanceof Error ? cause.message : String(cause),
    };
  }
}

function msSince(started: number): number {
  return Math.round(performance.now() - started);
}
