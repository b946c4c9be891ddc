/**
 * The plugin API: everything a plugin author imports, and nothing else of hotlane.
 *
 * Exported from the package as `hotlane/plugin`. It holds types and one identity function, so importing
 * it costs nothing at run time and a plugin that does not import it is just as good: the host only looks
 * at the shape of the default export.
 */
import type { Static, TSchema } from 'typebox';
import type { XStatic } from 'typebox/schema';

/** A JSON Schema object as the validator sees it: TypeBox output or a literal written `as const` or inline. */
export type JsonSchema = object;

/**
 * The TypeScript type a JSON Schema describes. Understands TypeBox 1 (`typebox`), TypeBox 0
 * (`@sinclair/typebox`) and plain literal schemas.
 */
export type FromSchema<Schema> = Schema extends { readonly static: infer Value }
  ? Value
  : Schema extends { readonly '~kind': string } & TSchema
    ? Static<Schema>
    : Schema extends object
      ? XStatic<Schema>
      : unknown;

/** A structured logger; every line carries plugin, tool and request id. */
export interface PluginLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What one call knows beside its input. Valid until the call settles. */
export interface CallContext {
  /**
   * Aborted when nobody waits for the answer any more: deadline passed, client gone, server stopping.
   * `signal.reason` says which. Pass it on to whatever waits (`fetch`, timers, streams).
   */
  readonly signal: AbortSignal;
  readonly logger: PluginLogger;
  /** The caller's X-Request-Id, or one made by the server. */
  readonly requestId: string;
  /** Decimal digits as sent, never rounded; undefined when the caller named none. */
  readonly userId: string | undefined;
  readonly botId: string | undefined;
  readonly conversationId: string | undefined;
  /** The caller's W3C trace context as sent; undefined when there was none. */
  readonly traceparent: string | undefined;
  /** Names the whole conversation turn in Coze's own logs: X-Tt-Logid, else the trace id of `traceparent`. */
  readonly traceId: string | undefined;
  /**
   * The global `fetch` with four differences. Connections stay open and are shared by all calls of a worker. What is under
   * way ends with the call, whether it was answered or given up, and with `init.signal`. X-Request-Id, `traceparent` and
   * the caller's ids go along as headers, unless the plugin sets them. Hosts that are not allowed, or that keep failing,
   * are not tried: it then rejects with an OutboundError. `init.dispatcher` has no effect.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Coze's API in the name of the user of this call. */
  readonly coze: CozeClient;
}

/** Coze's API for one user. Needs the server's OAuth settings and the user's consent. */
export interface CozeClient {
  /**
   * `ctx.fetch` to Coze's API with the user's access token. `path`: below the API's address, for example `/v1/bots`. Rejects
   * with a CozeAuthorizationError where there is no token.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The page where this user gives or renews consent; undefined where the server has no OAuth settings. */
  readonly authorizeUrl: string | undefined;
}

/** Why `ctx.coze` has no token. Known by its `name`. Never holds a token. */
export interface CozeAuthorizationError extends Error {
  readonly name: 'CozeAuthorizationError';
  /**
   * NOT_CONFIGURED: the server has no OAuth settings. NO_USER: the call names no user. CONSENT_REQUIRED: the user has not
   * consented, or the grant has ended; `authorizeUrl` is where to. UNAVAILABLE: Coze or the store does not answer.
   */
  readonly code: 'NOT_CONFIGURED' | 'NO_USER' | 'CONSENT_REQUIRED' | 'UNAVAILABLE';
  readonly authorizeUrl: string | undefined;
}

/** One event that Coze has sent, see https://www.coze.com/open/docs; `payload` is the whole body as sent. */
export interface CozeEvent {
  readonly id: string;
  /** Undefined: the body names none. */
  readonly type: string | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Why `ctx.fetch` did not try a host. Known by its `name`; all other errors are those of the global `fetch`. */
export interface OutboundError extends Error {
  readonly name: 'OutboundError';
  /**
   * HOST_NOT_ALLOWED: the server's configuration does not list the host.
   * CIRCUIT_OPEN: most requests to the host failed a moment ago.
   */
  readonly code: 'HOST_NOT_ALLOWED' | 'CIRCUIT_OPEN';
  /** With port, for example `api.example.com:443`. */
  readonly host: string;
  /** Until the host is tried again, in milliseconds; undefined when that never happens by itself. */
  readonly retryInMs: number | undefined;
}

/** What `init` gets, once per worker thread, before the first call. */
export interface InitContext {
  readonly logger: PluginLogger;
  /** The plugin's own section of the configuration file (`plugins.<name>.config`), `{}` when there is none. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * What a tool may give back. Returning (not throwing) an `Error` is an answer for the caller to read:
 * HTTP 200 with `{"status":"error","message":<the error's message>}`. A throw is a fault: HTTP 500
 * without details to the caller, the stack in the log.
 */
export type ToolResult<Output> = Output | Error;

/** One worked example; the host runs it when it checks a new version of the plugin. */
export interface ToolExample<Input, Output> {
  readonly input: Input;
  readonly output?: Output;
}

/**
 * Where Coze puts a tool's arguments, under `/p/{plugin}`. Without it: POST `/{tool}`, all arguments in the body. Values
 * in path and query are texts, read as their schema says: numbers, booleans, repeated keys for arrays. Objects must stand
 * in the body.
 */
export interface ToolHttp {
  /** POST when absent. A GET has all its arguments in path and query. */
  readonly method?: 'GET' | 'POST';
  /** `/{tool}` when absent. A segment `{name}` is that argument, which must be required and no object or array. */
  readonly path?: string;
  /** Arguments of a POST that stand in the query. */
  readonly query?: readonly string[];
}

/**
 * What a tool that answers in pieces yields: text for the model. Its result is the texts, joined, as `content`, with the
 * members of the object it returns, if it does; its output schema must have a string `content`.
 */
export type StreamedText = string;

/** One tool: the unit Coze calls. */
export interface Tool<Input extends JsonSchema = JsonSchema, Output extends JsonSchema = JsonSchema> {
  /** One sentence for the model that chooses tools. */
  readonly summary: string;
  /** JSON Schema (draft-07 vocabulary) of `parameters`; must describe an object. */
  readonly input: Input;
  /** JSON Schema of the answer's `data`; must describe an object. */
  readonly output: Output;
  /** Deadline of one call in milliseconds; the server's default applies when absent. */
  readonly timeoutMs?: number;
  /**
   * Running a call twice does no more than running it once. Then a call whose worker dies is run once more on another
   * worker instead of being answered with 502.
   */
  readonly idempotent?: boolean;
  readonly examples?: readonly ToolExample<FromSchema<Input>, FromSchema<Output>>[];
  readonly http?: ToolHttp;
  /** An async generator function answers in pieces, as they come, to callers that ask for `text/event-stream`. */
  execute(
    input: FromSchema<Input>,
    ctx: CallContext,
  ):
    | ToolResult<FromSchema<Output>>
    | Promise<ToolResult<FromSchema<Output>>>
    | AsyncGenerator<StreamedText, Partial<FromSchema<Output>> | Error | void, void>;
}

/** Input and output schema of each tool, by tool name. */
export type ToolSchemas = Readonly<
  Record<string, { readonly input: JsonSchema; readonly output: JsonSchema }>
>;

/** A plugin module's default export. */
export interface Plugin<Schemas extends ToolSchemas = ToolSchemas> {
  /** `^[a-z][a-z0-9-]{0,62}$`; the `{plugin}` of `/execute/{plugin}`. Must equal the folder's name. */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly description: string;
  /** Hosts it works with, as a range of hotlane versions such as `"^1.2.0"`. Any when absent. */
  readonly engines?: { readonly hotlane?: string };
  readonly tools: { readonly [Name in keyof Schemas]: Tool<Schemas[Name]['input'], Schemas[Name]['output']> };
  /** Runs once per worker thread before the first call; throwing keeps the plugin out of service. */
  init?(ctx: InitContext): void | Promise<void>;
  /** Runs once per worker thread after the last call; release what `init` took. */
  dispose?(): void | Promise<void>;
  /**
   * Gets each event that Coze sends to `/coze/callback`, as a rule once. Throwing has Coze send it again.
   */
  onEvent?(event: CozeEvent, ctx: CallContext): void | Promise<void>;
}

/**
 * Gives a plugin its types: `input` and the return type of each tool follow from that tool's schemas.
 * Returns its argument unchanged; a plain object as default export works the same.
 */
export function definePlugin<
  const Inputs extends Readonly<Record<string, JsonSchema>>,
  const Outputs extends Readonly<Record<string, JsonSchema>>,
>(plugin: {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly engines?: { readonly hotlane?: string };
  readonly tools: { readonly [Name in keyof Inputs]: { readonly input: Inputs[Name] } } & {
    readonly [Name in keyof Outputs]: { readonly output: Outputs[Name] };
  } & {
    readonly [Name in keyof Inputs & keyof Outputs]: Tool<Inputs[Name], Outputs[Name]>;
  };
  init?(ctx: InitContext): void | Promise<void>;
  dispose?(): void | Promise<void>;
  onEvent?(event: CozeEvent, ctx: CallContext): void | Promise<void>;
}): typeof plugin {
  return plugin;
}
