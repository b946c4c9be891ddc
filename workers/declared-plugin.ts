/**
 * From a module to a plugin: is the default export what `hotlane/plugin` describes? Nothing is run here.
 */
import type { CallContext, CozeEvent, InitContext } from '../src/plugin/plugin.ts';
import type { PluginManifest } from '../src/wire/catalogue.ts';
import type { ObjectSchema } from '../src/wire/json-schema.ts';
import type { NativeHttp } from '../src/wire/native-http.ts';
import { asRecord, type Members, shown } from './members.ts';
import { readNativeHttp } from './native-http.ts';

/** Starts an answer in pieces. */
export type Stream = (input: unknown, ctx: CallContext) => AsyncGenerator<unknown, unknown, void>;

/** One tool as declared; its schemas are objects that say they describe an object, no more is known. */
export interface DeclaredTool {
  readonly name: string;
  readonly summary: string;
  readonly timeoutMs: number | undefined;
  readonly idempotent: boolean;
  readonly input: Members;
  readonly output: Members;
  /** Not looked at yet: only the check of a new version needs them. */
  readonly examples: unknown;
  readonly execute: (input: unknown, ctx: CallContext) => unknown;
  /** It is an async function. */
  readonly isAsync: boolean;
  /** It is an async generator function: it answers in pieces. */
  readonly stream: Stream | undefined;
  readonly native: NativeHttp;
}

/** A plugin as declared. */
export interface DeclaredPlugin {
  readonly manifest: PluginManifest;
  /** Not looked at yet, as a tool's examples. */
  readonly engines: unknown;
  readonly tools: readonly DeclaredTool[];
  /** Runs the plugin's own `init`, if it has one. */
  readonly init: (ctx: InitContext) => Promise<void>;
  /** Runs the plugin's own `dispose`, if it has one. */
  readonly dispose: () => Promise<void>;
  readonly onEvent: ((event: CozeEvent, ctx: CallContext) => unknown) | undefined;
}

/** Same rule as Coze's operationId, which is made of it. */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

/** `exported`: the module's namespace. Throws a sentence that names the member and what is expected. */
export function readPlugin(name: string, exported: unknown): DeclaredPlugin {
  const plugin = asRecord(asRecord(exported, 'the module').default, 'the default export');
  if (plugin.name !== name) {
    throw new TypeError(`name must be "${name}", as its folder is called, not ${shown(plugin.name)}`);
  }
  if (typeof plugin.version !== 'string' || !VERSION.test(plugin.version)) {
    throw new TypeError(`version must be a semantic version such as "1.0.0", not ${shown(plugin.version)}`);
  }
  if (typeof plugin.description !== 'string' || plugin.description === '') {
    throw new TypeError('description must be a non-empty string');
  }
  const tools = Object.entries(asRecord(plugin.tools, 'tools')).map(([tool, declared]) =>
    readTool(tool, asRecord(declared, `tools.${tool}`)),
  );
  if (tools.length === 0) throw new TypeError('tools must have at least one tool');
  const init = asOptionalFunction(plugin.init, 'init');
  const dispose = asOptionalFunction(plugin.dispose, 'dispose');
  const onEvent = asOptionalFunction(plugin.onEvent, 'onEvent');
  refuseSharedPaths(tools);
  return {
    manifest: {
      name,
      version: plugin.version,
      description: plugin.description,
      tools: tools.map(({ name: tool, summary, timeoutMs, idempotent, input, output, native, stream }) => ({
        name: tool,
        summary,
        timeoutMs,
        idempotent,
        input: asJson(input, `tools.${tool}.input`),
        output: asJson(output, `tools.${tool}.output`),
        native,
        isStreaming: stream !== undefined,
      })),
      hasEvents: onEvent !== undefined,
    },
    engines: plugin.engines,
    tools,
    init: async (ctx) => {
      await init?.call(plugin, ctx);
    },
    dispose: async () => {
      await dispose?.call(plugin);
    },
    onEvent: onEvent && ((event, ctx) => onEvent.call(plugin, event, ctx)),
  };
}

function readTool(name: string, tool: Members): DeclaredTool {
  const at = `tools.${name}`;
  if (!TOOL_NAME.test(name)) throw new TypeError(`${at}: a tool name must match ${TOOL_NAME.source}`);
  if (typeof tool.summary !== 'string' || tool.summary === '') {
    throw new TypeError(`${at}.summary must be a non-empty string`);
  }
  const { timeoutMs } = tool;
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= 600_000)) {
    throw new TypeError(
      `${at}.timeoutMs must be a number of milliseconds up to 600000, not ${shown(timeoutMs)}`,
    );
  }
  const { idempotent = false } = tool;
  if (typeof idempotent !== 'boolean') {
    throw new TypeError(`${at}.idempotent must be true or false, not ${shown(idempotent)}`);
  }
  const execute = asOptionalFunction(tool.execute, `${at}.execute`);
  if (execute === undefined) throw new TypeError(`${at}.execute must be a function`);
  const input = asObjectSchema(tool.input, `${at}.input`);
  const output = asObjectSchema(tool.output, `${at}.output`);
  const stream = isGenerator(execute) ? streamOf(execute, tool) : undefined;
  if (stream !== undefined) requireContent(output, `${at}.output`);
  return {
    name,
    summary: tool.summary,
    timeoutMs,
    idempotent,
    input,
    output,
    examples: tool.examples,
    execute: (argument, ctx) => execute.call(tool, argument, ctx),
    isAsync: execute.constructor === AsyncFunction,
    stream,
    native: readNativeHttp(name, tool.http, input, `${at}.http`),
  };
}

/** The pieces go there when they are asked for in one. */
function requireContent(output: Members, at: string): void {
  const { content } = asRecord(output.properties ?? {}, `${at}.properties`);
  if (asRecord(content ?? {}, `${at}.properties.content`).type !== 'string') {
    throw new TypeError(`${at} must have a string property "content": the texts a generator yields, joined`);
  }
}

/** Of two tools with one method and path, one could never be called. */
function refuseSharedPaths(tools: readonly DeclaredTool[]): void {
  const taken = new Map<string, string>();
  for (const { name, native } of tools) {
    const place = `${native.method} ${native.path.replaceAll(/\{[^}]*\}/g, '{}')}`;
    const other = taken.get(place);
    if (other !== undefined) {
      throw new TypeError(
        `tools.${name}.http: ${native.method} ${native.path} is the place of tools.${other} too`,
      );
    }
    taken.set(place, name);
  }
}

/** The schema as text would carry it: without functions, symbols and what else JavaScript adds. */
function asJson(schema: Members, at: string): ObjectSchema {
  try {
    return JSON.parse(JSON.stringify(schema));
  } catch (error) {
    throw new TypeError(`${at} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function asObjectSchema(value: unknown, what: string): Members {
  const schema = asRecord(value, what);
  if (schema.type !== 'object') throw new TypeError(`${what} must be a schema of "type": "object"`);
  return schema;
}

const AsyncFunction = (async () => undefined).constructor;
const AsyncGeneratorFunction = async function* none() {}.constructor;

type GeneratorFunction = (
  this: unknown,
  ...args: readonly unknown[]
) => AsyncGenerator<unknown, unknown, void>;

function isGenerator(value: AnyFunction): value is GeneratorFunction {
  return value.constructor === AsyncGeneratorFunction;
}

function streamOf(execute: GeneratorFunction, tool: Members): Stream {
  return (input, ctx) => execute.call(tool, input, ctx);
}

type AnyFunction = (this: unknown, ...args: readonly unknown[]) => unknown;

function asOptionalFunction(value: unknown, what: string): AnyFunction | undefined {
  if (value === undefined) return undefined;
  if (isFunction(value)) return value;
  throw new TypeError(`${what} must be a function, not ${shown(value)}`);
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}
