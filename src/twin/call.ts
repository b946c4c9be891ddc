/** Calls a tool as Coze does, and tells what the model would see of its answer. */
import { randomBytes } from 'node:crypto';
import { type BuiltRequest, buildRequest, type Credentials } from './build-request.ts';
import { CallFailure, type FailureCode } from './call-failure.ts';
import { filterAnswer } from './filter-answer.ts';
import { isObject, type JsonObject, objectAt, parseJson } from './json.ts';
import { placeArguments } from './place-arguments.ts';
import { readStream } from './read-stream.ts';
import type { Identity, ImportedTool } from './tool.ts';

/** A node of a workflow waits no longer. */
const LONGEST_MS = 180_000;
const PACKET_GAP_MS = 60_000;

export interface CallOptions extends Credentials {
  /** Calls this address instead of the document's server: `http://127.0.0.1:8080`. */
  readonly origin?: string | undefined;
  /** At most 180 000, which is the default. */
  readonly timeoutMs?: number | undefined;
  /** Calls twice, as a workflow does whose first answer was lost. The second answer counts. */
  readonly retry?: boolean | undefined;
  /** Asks a streaming tool for its packets, as the cloud does; Coze Studio never does. Default: whether the tool streams. */
  readonly stream?: boolean | undefined;
  /** Longest time between two packets; default 60 000. */
  readonly packetGapMs?: number | undefined;
  /** Told the text of each packet as it comes. */
  readonly onText?: ((text: string) => void) | undefined;
  /** X-Tt-Logid; default: a new one. */
  readonly logId?: string | undefined;
}

/** `notes`: what was lost on the way, or would go wrong in Coze; sentences. */
export type CallOutcome =
  | {
      readonly outcome: 'answered';
      /** What the model sees. */
      readonly data: JsonObject;
      /** What the server answered. */
      readonly raw: JsonObject;
      readonly notes: readonly string[];
    }
  | {
      readonly outcome: 'streamed';
      /** The texts of all packets, joined. */
      readonly content: string;
      readonly packets: number;
      readonly notes: readonly string[];
    }
  | {
      /** The node of a workflow fails; the text is what its error says. */
      readonly outcome: 'failed';
      readonly code: FailureCode;
      readonly text: string;
      /** Of the answer, where there was one. */
      readonly status: number | undefined;
      readonly notes: readonly string[];
    };

type Answer =
  | { readonly outcome: 'answered'; readonly data: JsonObject; readonly raw: JsonObject }
  | { readonly outcome: 'streamed'; readonly content: string; readonly packets: number };

/** Always resolves. `args`: as the model gives them, in one flat object. */
export async function callAsCoze(
  tool: ImportedTool,
  args: JsonObject,
  identity: Identity,
  options: CallOptions = {},
): Promise<CallOutcome> {
  const notes = new Set<string>();
  const told = (): string[] => [...notes];
  try {
    const placed = placeArguments(tool, args, notes);
    const logId = options.logId ?? newLogId();
    const request = buildRequest(tool, placed, identity, { ...options, logId }, notes);
    const first = await exchange(tool, request, options, notes);
    if (options.retry !== true) return { ...first, notes: told() };
    const second = await exchange(tool, request, options, notes);
    const isSame = JSON.stringify(first) === JSON.stringify(second);
    notes.add(isSame ? 'called twice: the answers are the same' : 'called twice: the answers differ');
    return { ...second, notes: told() };
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    return { outcome: 'failed', code: error.code, text: error.message, status: error.status, notes: told() };
  }
}

async function exchange(
  tool: ImportedTool,
  request: BuiltRequest,
  { timeoutMs = LONGEST_MS, stream = tool.isStreaming, packetGapMs = PACKET_GAP_MS, onText }: CallOptions,
  notes: Set<string>,
): Promise<Answer> {
  const wantsStream = stream && tool.isStreaming;
  if (wantsStream) request.headers.set('Accept', 'text/event-stream');
  const patience = Math.min(timeoutMs, LONGEST_MS);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), patience);
  const { signal } = limit;
  try {
    const { url, method, headers, body } = request;
    const response = await fetch(url, { method, headers, signal, ...(body !== undefined && { body }) });
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (response.status === 200 && wantsStream && isStream && response.body !== null) {
      // From here on only the time between packets is limited.
      clearTimeout(timer);
      const answer = await readStream(response.body, { gapMs: packetGapMs, onText }, notes);
      return { outcome: 'streamed', ...answer };
    }
    if (wantsStream) notes.add('the tool streams, but the answer is no text/event-stream');
    return readAnswer(tool, response.status, response.statusText, await response.text(), notes);
  } catch (error) {
    if (signal.aborted) throw new CallFailure('TIMEOUT', `no answer within ${patience / 1000} s`);
    if (error instanceof TypeError)
      throw new CallFailure('UNREACHABLE', `http request failed, err=${causeOf(error)}`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Only 200 is a success; of anything else the whole body becomes the text of the error. */
function readAnswer(
  { answer: schema }: ImportedTool,
  status: number,
  statusText: string,
  text: string,
  notes: Set<string>,
): Answer {
  if (status !== 200) {
    const message = `http request failed, status=${`${status} ${statusText}`.trim()}\nresp=${text}`;
    throw new CallFailure('STATUS', message, status);
  }
  if (text === '') return { outcome: 'answered', data: {}, raw: {} };
  const raw = parseJson(text);
  if (!isObject(raw)) {
    throw new CallFailure('NOT_AN_OBJECT', `response is not object, raw response=${text}`, status);
  }
  if (Object.keys(objectAt(schema, 'properties')).length === 0) {
    notes.add('the schema of 200 has no properties: Coze drops the whole answer');
    return { outcome: 'answered', data: {}, raw };
  }
  return { outcome: 'answered', data: filterAnswer(raw, schema, notes), raw };
}

/** As Coze makes them: the time, and digits that are nobody else's. */
function newLogId(): string {
  const time = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return `${time}${randomBytes(9).toString('hex').toUpperCase()}`;
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: TypeError): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = 'code' in cause ? String(cause.code) : '';
  return cause.message === '' ? code : cause.message;
}
