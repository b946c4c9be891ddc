/**
 * What every baseline does with a request's body: parse, check against the schema, run the plugin, write the
 * answer. One function for all of them, so that they differ only in where it runs.
 */
import { Ajv } from 'ajv';
import type { CallContext, PluginLogger } from 'hotlane/plugin';
import cpu from '../../plugins/cpu/index.ts';
import echo from '../../plugins/echo/index.ts';
import io from '../../plugins/io/index.ts';
import type { ToolPath } from './tool-paths.ts';

/** A finished answer: HTTP status and JSON text. */
export interface Reply {
  readonly status: number;
  readonly json: string;
}

/** Answers one body. Synchronous where the plugin is, so that a synchronous host need not wait a turn. */
export type ToolCall = (body: string) => Reply | Promise<Reply>;

interface Envelope<Input> {
  readonly user_id: string;
  readonly bot_id: string;
  readonly parameters: Input;
}

interface BenchTool<Input> {
  readonly input: object;
  execute(input: Input, ctx: CallContext): object | Promise<object>;
}

/** Makes each tool's call by the path it answers at. Compiles the schemas. */
export function toolCalls(): ReadonlyMap<ToolPath, ToolCall> {
  return new Map<ToolPath, ToolCall>([
    ['/execute/echo/echo', toolCall(echo.tools.echo)],
    ['/execute/cpu/burn', toolCall(cpu.tools.burn)],
    ['/execute/io/wait', toolCall(io.tools.wait)],
  ]);
}

function toolCall<Input>(tool: BenchTool<Input>): ToolCall {
  const isEnvelope = new Ajv({ ownProperties: true }).compile<Envelope<Input>>({
    type: 'object',
    properties: { user_id: { type: 'string' }, bot_id: { type: 'string' }, parameters: tool.input },
    required: ['user_id', 'bot_id', 'parameters'],
  });
  return (body) => {
    let envelope: unknown;
    try {
      envelope = JSON.parse(body);
    } catch {
      return refusal('the body is not JSON');
    }
    if (!isEnvelope(envelope)) return refusal('the body does not match the schema');
    const data = tool.execute(envelope.parameters, context);
    return data instanceof Promise ? data.then(success) : success(data);
  };
}

function success(data: object): Reply {
  return { status: 200, json: `{"status":"success","data":${JSON.stringify(data)}}` };
}

function refusal(message: string): Reply {
  return { status: 400, json: JSON.stringify({ status: 'error', message }) };
}

const silent = (): void => undefined;
const logger: PluginLogger = { debug: silent, info: silent, warn: silent, error: silent };

/** One context for all calls: the tools of the benchmark do not look at it, so the baselines save making it. */
const context: CallContext = {
  signal: new AbortController().signal,
  logger,
  requestId: 'bench',
  userId: undefined,
  botId: undefined,
  conversationId: undefined,
  traceparent: undefined,
  traceId: undefined,
  fetch,
  coze: {
    fetch: () => Promise.reject(new Error('no tool of the benchmark calls Coze')),
    authorizeUrl: undefined,
  },
};
