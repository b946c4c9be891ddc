/**
 * Imports one plugin and makes its tools callable: checks the shape, compiles the schemas, runs `init`.
 */
import { pathToFileURL } from 'node:url';
import type { CallContext, InitContext } from '../src/plugin/plugin.ts';
import type { PluginManifest, PluginSource } from '../src/wire/catalogue.ts';
import { DeclaredAnswer } from './declared-answer.ts';
import { type DeclaredTool, readPlugin, type Stream } from './declared-plugin.ts';
import { eventTool } from './event-tool.ts';
import { NativeArgumentReader } from './native-arguments.ts';
import { joined } from './piece-stream.ts';
import { type Check, SchemaCompiler, type SchemaTrust } from './schema.ts';

/** How long import, init and dispose may take each, in ms. */
const STEP_LIMIT = 10_000;

/** One tool, ready to run. */
export interface LoadedTool {
  readonly plugin: string;
  readonly name: string;
  readonly summary: string;
  readonly timeoutMs: number | undefined;
  readonly idempotent: boolean;
  readonly checkInput: Check;
  readonly checkOutput: Check;
  readonly execute: (input: unknown, ctx: CallContext) => unknown;
  /** Its arguments as Coze sends them. */
  readonly native: NativeArgumentReader;
  /** Keeps a native answer to what the output schema declares. */
  readonly declared: DeclaredAnswer;
  /** It is an async function, or has returned a promise once. */
  isAsync: boolean;
  /** Starts an answer in pieces; undefined: it answers in one. */
  readonly stream: Stream | undefined;
}

export interface LoadedPlugin {
  readonly manifest: PluginManifest;
  readonly tools: readonly LoadedTool[];
  /** Runs the plugin's own dispose; never throws, returns what it threw. */
  readonly dispose: () => Promise<unknown>;
}

/** Rejects with a sentence that names what is wrong. */
export async function loadPlugin(
  source: PluginSource,
  init: InitContext,
  trust: SchemaTrust = 'unchecked',
): Promise<LoadedPlugin> {
  const plugin = readPlugin(source.name, await within(importPlugin(source), 'import'));
  const compiler = new SchemaCompiler(trust);
  const tools = plugin.tools.map((tool) => compileTool(source.name, tool, compiler));
  const events = eventTool(plugin, compiler);
  await within(plugin.init(init), 'init');
  return {
    manifest: plugin.manifest,
    tools: events === undefined ? tools : [...tools, events],
    dispose: async () => {
      try {
        await within(plugin.dispose(), 'dispose');
        return undefined;
      } catch (error) {
        return error;
      }
    },
  };
}

/** The module's namespace. Rejects with whatever the import throws. */
export function importPlugin(source: PluginSource): Promise<unknown> {
  return import(pathToFileURL(source.entry).href);
}

/** `onSchema` is told each schema's name right before it is compiled. Throws a sentence that names the schema. */
export function compileTool(
  plugin: string,
  tool: DeclaredTool,
  compiler: SchemaCompiler,
  onSchema: (at: string) => void = () => undefined,
): LoadedTool {
  const { name, summary, timeoutMs, idempotent, execute, isAsync, stream } = tool;
  const compile = (schema: 'input' | 'output', root: string): Check => {
    const at = `tools.${name}.${schema}`;
    onSchema(at);
    try {
      return compiler.compile(tool[schema], root);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TypeError(`${at} does not compile: ${reason}`, { cause: error });
    }
  };
  const checkInput = compile('input', 'parameters');
  const checkOutput = compile('output', '');
  return {
    plugin,
    name,
    summary,
    timeoutMs,
    idempotent,
    checkInput,
    checkOutput,
    execute: stream === undefined ? execute : (input, ctx) => joined(stream(input, ctx), ctx.signal),
    native: new NativeArgumentReader(tool.native, tool.input),
    declared: new DeclaredAnswer(tool.output),
    isAsync: isAsync || stream !== undefined,
    stream,
  };
}

/** Rejects when the step takes longer than the limit; the step itself cannot be stopped from here. */
async function within<Value>(step: Promise<Value>, name: string): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${name} took longer than ${STEP_LIMIT} ms`)), STEP_LIMIT);
  try {
    return await Promise.race([step, promise]);
  } finally {
    clearTimeout(timer);
  }
}
