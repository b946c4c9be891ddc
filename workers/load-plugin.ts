/**
 * Imports one plugin and makes its tools callable: checks the shape, compiles the schemas, runs `init`.
 */
import { pathToFileURL } from 'node:url';
import type { CallContext, InitContext } from '../src/plugin/plugin.ts';
import type { PluginManifest, PluginSource } from '../src/wire/catalogue.ts';
import { type Check, SchemaCompiler } from './schema.ts';

/** How long import and init may take together, in ms. */
const LOAD_LIMIT = 10_000;

/** One tool, ready to run. */
export interface LoadedTool {
  readonly plugin: string;
  readonly name: string;
  readonly summary: string;
  readonly timeoutMs: number | undefined;
  readonly checkInput: Check;
  readonly checkOutput: Check;
  readonly execute: (input: unknown, ctx: CallContext) => unknown;
  /** It is an async function, or has returned a promise once. */
  isAsync: boolean;
}

export interface LoadedPlugin {
  readonly manifest: PluginManifest;
  readonly tools: readonly LoadedTool[];
  /** Runs the plugin's own dispose; never throws, returns what it threw. */
  readonly dispose: () => Promise<unknown>;
}

/** Same rule as Coze's operationId, which is made of it. */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

/** Rejects with a sentence that names what is wrong. */
export async function loadPlugin(source: PluginSource, init: InitContext): Promise<LoadedPlugin> {
  const exported = await within(import(pathToFileURL(source.entry).href), 'import');
  const plugin = asRecord(asRecord(exported, 'the module').default, 'the default export');
  if (plugin.name !== source.name) {
    throw new TypeError(`name must be "${source.name}", as its folder is called, not ${shown(plugin.name)}`);
  }
  if (typeof plugin.version !== 'string' || !VERSION.test(plugin.version)) {
    throw new TypeError(`version must be a semantic version such as "1.0.0", not ${shown(plugin.version)}`);
  }
  if (typeof plugin.description !== 'string' || plugin.description === '') {
    throw new TypeError('description must be a non-empty string');
  }
  const compiler = new SchemaCompiler();
  const tools = Object.entries(asRecord(plugin.tools, 'tools')).map(([name, tool]) =>
    loadTool(source.name, name, asRecord(tool, `tools.${name}`), compiler),
  );
  if (tools.length === 0) throw new TypeError('tools must have at least one tool');
  const start = asOptionalFunction(plugin.init, 'init');
  const stop = asOptionalFunction(plugin.dispose, 'dispose');
  if (start !== undefined) await within(Promise.resolve(start.call(plugin, init)), 'init');
  return {
    manifest: {
      name: source.name,
      version: plugin.version,
      description: plugin.description,
      tools: tools.map(({ name, summary, timeoutMs }) => ({ name, summary, timeoutMs })),
    },
    tools,
    dispose: async () => {
      try {
        if (stop !== undefined) await within(Promise.resolve(stop.call(plugin)), 'dispose');
        return undefined;
      } catch (error) {
        return error;
      }
    },
  };
}

function loadTool(
  plugin: string,
  name: string,
  tool: Readonly<Record<string, unknown>>,
  compiler: SchemaCompiler,
): LoadedTool {
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
  const execute = asOptionalFunction(tool.execute, `${at}.execute`);
  if (execute === undefined) throw new TypeError(`${at}.execute must be a function`);
  return {
    plugin,
    name,
    summary: tool.summary,
    timeoutMs,
    checkInput: compileSchema(compiler, tool.input, `${at}.input`, 'parameters'),
    checkOutput: compileSchema(compiler, tool.output, `${at}.output`, ''),
    execute: (input, ctx) => execute.call(tool, input, ctx),
    isAsync: execute.constructor === AsyncFunction,
  };
}

function compileSchema(compiler: SchemaCompiler, schema: unknown, at: string, root: string): Check {
  const record = asRecord(schema, at);
  if (record.type !== 'object') throw new TypeError(`${at} must be a schema of "type": "object"`);
  try {
    return compiler.compile(record, root);
  } catch (error) {
    throw new TypeError(`${at} does not compile: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw new TypeError(`${what} must be an object, not ${shown(value)}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

const AsyncFunction = (async () => undefined).constructor;

type AnyFunction = (this: unknown, ...args: readonly unknown[]) => unknown;

function asOptionalFunction(value: unknown, what: string): AnyFunction | undefined {
  if (value === undefined) return undefined;
  if (isFunction(value)) return value;
  throw new TypeError(`${what} must be a function, not ${shown(value)}`);
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : value === null ? 'null' : typeof value;
}

/** Rejects when the step takes longer than the limit; the step itself cannot be stopped from here. */
async function within<Value>(step: Promise<Value>, name: string): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${name} took longer than ${LOAD_LIMIT} ms`)), LOAD_LIMIT);
  try {
    return await Promise.race([step, promise]);
  } finally {
    clearTimeout(timer);
  }
}
