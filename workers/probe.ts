/**
 * A throw-away thread's one task: load a candidate, try everything about it that can be tried before it serves,
 * and say whether it may. What would block or end this thread is announced before, for the main thread to judge.
 */
import { flushCompileCache, registerHooks } from 'node:module';
import { dirname } from 'node:path';
import { workerData } from 'node:worker_threads';
import type { CallContext } from '../src/plugin/plugin.ts';
import type { PluginSource } from '../src/wire/catalogue.ts';
import type { OutboundSettings } from '../src/wire/outbound.ts';
import type {
  FromProbe,
  ProbeStep,
  ProbeTask,
  ProbeThreadData,
  Verdict,
} from '../src/wire/probe-messages.ts';
import { blame } from './blame.ts';
import { captureOutput } from './captured-output.ts';
import { CozeAccess } from './coze/coze-access.ts';
import { type DeclaredPlugin, readPlugin } from './declared-plugin.ts';
import { checkEngineRange } from './engine-range.ts';
import { compileTool, importPlugin, type LoadedTool } from './load-plugin.ts';
import type { CallFetches } from './outbound/call-fetches.ts';
import type { Caller } from './outbound/caller-headers.ts';
import { Outbound, PluginOutbound } from './outbound/outbound.ts';
import { checkPattern } from './pattern-safety.ts';
import { providePluginApi } from './plugin-api.ts';
import { SchemaCompiler } from './schema.ts';
import { patternsOf } from './schema-patterns.ts';
import { messageOf } from './thrown.ts';
import { type Example, readExamples, tryExample } from './try-examples.ts';
import { confineImports } from './version-imports.ts';
import { warmUp } from './warm-up.ts';
import { createWorkerLog, type WorkerLog } from './worker-log.ts';

const { port }: ProbeThreadData = workerData;
const tell = (message: FromProbe): void => port.postMessage(message);

const threadLog = createWorkerLog(port, 'debug');
captureOutput(threadLog);
providePluginApi();

// Listens on: a thread that serves does not end either when its plugins have nothing to wait for.
let isAsked = false;
port.on('message', (task: ProbeTask) => {
  isAsked = true;
  void new Trial(task, threadLog).run().then((verdict) => tell({ type: 'verdict', verdict }));
});

setImmediate(() => {
  if (isAsked) return;
  warmUp();
  tell({ type: 'ready' });
});

/** Examples run one after the other. */
const OUTBOUND: OutboundSettings = { connectionsPerHost: 8, idleMs: 1000, circuit: undefined };
/** Who calls in examples. */
const NOBODY = {
  userId: '1',
  botId: undefined,
  conversationId: undefined,
  traceparent: undefined,
  traceId: undefined,
};
/** A timer may throw again and again. */
const MOST_WARNINGS = 20;

class Trial {
  private readonly source: PluginSource;
  private readonly isRun: boolean;
  private readonly timeMs: number;
  private readonly log: WorkerLog;
  private readonly outbound: PluginOutbound;
  private readonly coze = new CozeAccess();
  private readonly warnings: string[] = [];
  private step: ProbeStep = 'import';
  private lastResolved: string | undefined;
  /** Fails the example that runs now. */
  private failExample: ((error: unknown) => void) | undefined;

  constructor({ source, isRun, timeMs }: ProbeTask, log: WorkerLog) {
    this.source = source;
    this.isRun = isRun;
    this.timeMs = timeMs;
    this.log = log.child({ plugin: source.name });
    const outbound = new Outbound(OUTBOUND, () => undefined, this.log);
    this.outbound = new PluginOutbound(outbound, source.name, source.outbound);
  }

  async run(): Promise<Verdict> {
    process.on('uncaughtException', (error) => this.stray(error, 'an error was thrown'));
    process.on('unhandledRejection', (reason) => this.stray(reason, 'a promise was rejected'));
    try {
      confineImports([this.source]);
      registerHooks({
        resolve: (specifier, context, next) => {
          const found = next(specifier, context);
          this.lastResolved = found.url;
          return found;
        },
      });
      return await this.judge();
    } catch (error) {
      return this.unfit(error);
    }
  }

  private async judge(): Promise<Verdict> {
    const { source } = this;
    this.doing('import', 'import');
    const exported = await importPlugin(source);

    this.doing('exports', 'reading the exports');
    const plugin = readPlugin(source.name, exported);
    const examples = plugin.tools.map((tool) => readExamples(tool.examples, `tools.${tool.name}`));

    this.doing('engine', 'reading engines.hotlane');
    await checkEngineRange(plugin.engines, source.folder ?? dirname(source.entry));

    const compiler = new SchemaCompiler();
    const tools = plugin.tools.map((tool) =>
      compileTool(source.name, tool, compiler, (at) => this.doing('schema', `compiling ${at}`)),
    );
    if (!this.isRun) return this.fit(plugin);
    await this.checkPatterns(plugin);

    this.doing('init', 'init');
    await plugin.init({ logger: this.log, config: source.config });
    try {
      for (const [index, tool] of tools.entries()) await this.tryExamples(tool, examples[index] ?? []);
    } catch (error) {
      const verdict = this.unfit(error);
      // What init has taken is given back all the same.
      this.doing('dispose', 'dispose');
      await plugin.dispose().catch(() => undefined);
      return verdict;
    }
    this.doing('dispose', 'dispose');
    await plugin.dispose();
    // The workers find the stripped and compiled modules then, and need not load Node's TypeScript stripper.
    flushCompileCache();
    return this.fit(plugin);
  }

  private fit({ manifest }: DeclaredPlugin): Verdict {
    return { kind: 'fit', manifest, warnings: this.warnings };
  }

  private async checkPatterns({ tools }: DeclaredPlugin): Promise<void> {
    for (const { name, input, output } of tools) {
      const at = `tools.${name}`;
      for (const found of [...patternsOf(input, `${at}.input`), ...patternsOf(output, `${at}.output`)]) {
        this.doing('pattern', `checking ${found.at}`);
        // Ends by itself before its time is up: then the pattern can be named with the reason.
        await checkPattern(found, this.timeMs / 2);
      }
    }
  }

  private async tryExamples(tool: LoadedTool, examples: readonly Example[]): Promise<void> {
    for (const [index, example] of examples.entries()) {
      this.doing('example', example.at, Math.min(tool.timeoutMs ?? this.timeMs, this.timeMs));
      const { promise: strayed, reject } = Promise.withResolvers<never>();
      this.failExample = reject;
      const caller = { ...NOBODY, requestId: `example-${index}` };
      const fetches = this.outbound.fetchesOf(caller);
      const ctx = this.callContext(tool, caller, fetches);
      const warning = await Promise.race([tryExample(tool, example, ctx), strayed]);
      this.failExample = undefined;
      fetches.end(new DOMException('The example is over', 'AbortError'));
      if (warning !== undefined) this.warn(warning);
    }
  }

  /** A call with nothing but what every call has. Nobody leaves it: its time limit ends the thread. */
  private callContext({ name }: LoadedTool, caller: Caller, fetches: CallFetches): CallContext {
    const { requestId } = caller;
    const { signal } = new AbortController();
    const logger = this.log.child({ tool: name, requestId });
    const coze = this.coze.clientOf({ userId: undefined, signal }, fetches);
    return { ...caller, signal, logger, fetch: fetches.fetch, coze };
  }

  private doing(step: ProbeStep, what: string, limitMs = this.timeMs): void {
    this.step = step;
    tell({ type: 'doing', step, what, limitMs });
  }

  /** Thrown from a timer, rejected with nobody listening: a call that waits fails by it, nothing else does. */
  private stray(error: unknown, what: string): void {
    if (this.failExample === undefined) {
      this.warn(`${what} outside of any call: ${messageOf(error)}`);
    } else {
      this.failExample(new Error(`${what} and not caught: ${messageOf(error)}`, { cause: error }));
    }
  }

  private warn(warning: string): void {
    if (this.warnings.length < MOST_WARNINGS) this.warnings.push(warning);
  }

  private unfit(error: unknown): Verdict {
    this.failExample = undefined;
    return { kind: 'unfit', step: this.step, ...blame(error, this.source, this.lastResolved) };
  }
}
