/**
 * Hand-made contexts for calling a plugin's tools and `init` without a host.
 */
import type { CallContext, InitContext, PluginLogger } from '../../src/plugin/plugin.ts';

/** One line a plugin logged. */
export interface LogLine {
  readonly level: keyof PluginLogger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps its lines in the array it is given. */
function recordingLogger(lines: LogLine[]): PluginLogger {
  const log =
    (level: LogLine['level']): PluginLogger[LogLine['level']] =>
    (message, fields = {}) => {
      lines.push({ level, message, fields });
    };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** The context of one call: nobody named, never aborted unless a signal is given. Its `fetch` goes anywhere. */
export function callContext(
  options: { readonly signal?: AbortSignal; readonly logged?: LogLine[] } = {},
): CallContext {
  const signal = options.signal ?? new AbortController().signal;
  return {
    signal,
    logger: recordingLogger(options.logged ?? []),
    requestId: 'test-request',
    userId: undefined,
    botId: undefined,
    conversationId: undefined,
    traceparent: undefined,
    traceId: undefined,
    coze: {
      fetch: () => Promise.reject(new Error('this context has no way to Coze')),
      authorizeUrl: undefined,
    },
    fetch: (input, init) =>
      fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([signal, init.signal]) : signal }),
  };
}

/** What a tool has answered; throws an Error it gave as its answer, and on a tool that answers in pieces. */
export async function answerOf<Answer>(
  result: Answer | Promise<Answer>,
): Promise<Exclude<Answer, Error | AsyncGenerator<unknown, unknown, unknown>>> {
  const answer = await result;
  if (answer instanceof Error) throw answer;
  if (isGenerator(answer)) throw new Error('the tool answers in pieces');
  return answer as Exclude<Answer, Error | AsyncGenerator<unknown, unknown, unknown>>;
}

function isGenerator(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}

/** The context of `init` with the plugin's own configuration. */
export function initContext(config: Readonly<Record<string, unknown>> = {}): InitContext {
  return { logger: recordingLogger([]), config };
}
